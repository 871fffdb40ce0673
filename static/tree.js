// Unfolds and folds a whole tree at once. Without this script the links load the page anew, unfolded or folded.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-unfold], a[data-fold]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const isOpen = "unfold" in link.dataset;
  const tree = document.getElementById(isOpen ? link.dataset.unfold : link.dataset.fold);
  for (const one of tree.querySelectorAll("details")) one.open = isOpen;
});
