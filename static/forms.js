// What forms say before they are sent: a field that is mandatory only while a box is ticked.
"use strict";

function showMandatory() {
  for (const box of document.querySelectorAll("[data-makes-mandatory]")) {
    const field = box.form.elements[box.dataset.makesMandatory];
    field?.setAttribute("aria-required", box.checked);
    const star = field && document.querySelector(`label[for="${field.id}"] .mandatory`);
    if (star) star.hidden = !box.checked;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-makes-mandatory]")) showMandatory();
});

// Buttons that fill in a field, such as the ends that are usual.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fills]");
  if (button) button.form.elements[button.dataset.fills].value = button.value;
});

function prepare() {
  showMandatory();
  for (const part of document.querySelectorAll("[data-needs-scripts]")) part.hidden = false;
}

document.addEventListener("htmx:afterSettle", prepare);
prepare();
