// Lists of serial numbers that are pasted into a search: a long one is kept by the server, for no address holds it.

const LONGEST = 1_500; // characters, which the server's limit for an address leaves room for

document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  const field = [elt, ...(elt.elements ?? [])].find((one) => one.type === "search" && one.value.length > LONGEST);
  if (!field) return;
  event.preventDefault();
  keep(field).then((isKept) => {
    if (isKept) issueRequest(true);
  });
});

async function keep(field) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new URLSearchParams({ text: field.value });
  const messages = document.getElementById("messages");
  try {
    const response = await fetch(document.body.dataset.paste, { method: "POST", body, headers: { "X-CSRFToken": token } });
    const { search, problem } = await response.json();
    if (search) field.value = search;
    else show(messages, problem);
    return Boolean(search);
  } catch {
    show(messages, messages.dataset.unreachable);
    return false;
  }
}

function show(messages, problem) {
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.textContent = problem;
  messages.replaceChildren(alert);
}
