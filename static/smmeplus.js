// What server-rendered pages cannot do alone: the dialog, drop-downs that submit, the end of a page that grew.
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

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// The end of a page that grew: go on by itself.
const next = document.querySelector("[data-go]");
if (next) window.location.replace(next.href);

// What a page asks for by itself, as time passes, keeps nobody signed in who has left.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.triggeringEvent) event.detail.headers["X-By-Itself"] = "true";
});
