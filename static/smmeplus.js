// What server-rendered pages cannot do alone: the dialog, and a selection that survives paging.
"use strict";

document.addEventListener("click", (event) => {
  event.target.closest("[data-close-dialog]")?.closest("dialog").close();
});

// Caught on its way down, for it does not bubble; at the document, for the way back brings another dialog.
document.addEventListener("close", (event) => event.target.replaceChildren(), true);

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target;
  if (dialog?.id !== "dialog" || !dialog.firstElementChild) return;
  if (!dialog.open) dialog.showModal();
  const wrong = dialog.querySelector("[aria-invalid=true]");
  (wrong ?? dialog.querySelector("input:not([type=hidden]):not([disabled]), textarea, select, button.btn-primary"))?.focus();
});

// A refusal that says what is gone is shown in its dialog.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 404 || event.detail.xhr.getResponseHeader("HX-Retarget") !== "#dialog") return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:responseError", (event) => {
  showProblem(event.detail.xhr.status === 403 ? "forbidden" : "failed");
});
document.addEventListener("htmx:sendError", () => showProblem("unreachable"));

function showProblem(name) {
  const messages = document.getElementById("messages");
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.textContent = messages.dataset[name];
  alert.setAttribute("role", "alert");
  alert.dataset.problem = "";
  // What was typed stays: it can be sent again.
  const typed = document.querySelector("#dialog[open] .dialog-body");
  typed?.querySelector("[data-problem]")?.remove();
  if (typed) typed.prepend(alert);
  else messages.replaceChildren(alert);
}

// The selection of a table is a set of hidden fields outside of it, so that its rows may come and go.
function keptIn(box) {
  return document.getElementById(box.dataset.keep);
}

function findKept(box) {
  return [...keptIn(box).children].find((field) => field.value === box.value);
}

function keep(box) {
  if (box.type === "radio") keptIn(box).replaceChildren();
  if (box.checked && !findKept(box)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = box.dataset.name;
    field.value = box.value;
    keptIn(box).append(field);
  } else if (!box.checked) {
    findKept(box)?.remove();
  }
}

// "All that match" stands for a search: another search ends it.
function allOf(kept) {
  const all = kept.querySelector("[data-all]");
  const button = document.querySelector(`[data-select-all=${kept.id}]`);
  if (all && button && button.value !== all.value) all.remove();
  return kept.querySelector("[data-all]");
}

function showSelection() {
  for (const box of document.querySelectorAll("[data-keep]")) {
    box.checked = Boolean(allOf(keptIn(box)) ?? findKept(box));
  }
  for (const count of document.querySelectorAll("[data-count-of]")) {
    const kept = document.getElementById(count.dataset.countOf);
    const number = Number(allOf(kept)?.dataset.all ?? kept.children.length);
    count.textContent = number ? `(${count.dataset.label}: ${number.toLocaleString(document.documentElement.lang)})` : "";
  }
}

// All that match less one box is the rest of this page, one by one.
function keepPageInsteadOfAll(box) {
  const all = allOf(keptIn(box));
  if (!all) return;
  all.remove();
  box.closest("table").querySelectorAll("[data-keep]:checked").forEach(keep);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-submit-on-change]")) box.form.requestSubmit();
  if (!box.matches("[data-keep]")) return;
  keepPageInsteadOfAll(box);
  keep(box);
  showSelection();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-select-all], [data-select-none]");
  if (!button) return;
  const kept = document.getElementById(button.dataset.selectAll ?? button.dataset.selectNone);
  kept.replaceChildren();
  if (button.dataset.selectAll) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: button.dataset.name, value: button.value });
    field.dataset.all = button.dataset.total;
    kept.append(field);
  }
  showSelection();
});

document.addEventListener("htmx:afterSettle", showSelection);
showSelection();

// The end of a page that grew: go on by itself.
const next = document.querySelector("[data-go]");
if (next) window.location.replace(next.href);
