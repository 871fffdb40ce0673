// A selection that only the operator empties (CON-3, UI-7): what is chosen of a table is a set of hidden fields outside
// of it, so that its rows may come and go. Keys that were ticked have the name of the boxes, searches are called `all`,
// and what was unticked `less`, as `2:17`: the row 17 is left out of the first two searches. The server knows which rows
// that is; a table that is asked for anew comes with its boxes ticked and with the number of all that are selected.
"use strict";

const MOST_TICKED = 10000;
const MOST_SEARCHES = 50;

function keptIn(box) {
  return document.getElementById(box.dataset.keep);
}

function fields(kept, name) {
  return [...kept.children].filter((field) => field.name === name);
}

function find(kept, name, value) {
  return fields(kept, name).find((field) => field.value === value);
}

function add(kept, name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  kept.append(field);
}

function choiceOf(kept) {
  return document.querySelector(`[data-choice-of=${kept.id}]`);
}

// A selection begins when the table was made from which its first row was taken: what others change later is told.
function begin(kept) {
  if (!kept.children.length) add(kept, "since", choiceOf(kept).dataset.shownAt);
}

function endIfEmpty(kept) {
  const chosen = [...kept.children].some((field) => field.name !== "since" && field.name !== "less");
  if (!chosen) kept.replaceChildren();
}

function boxesOf(kept) {
  return document.querySelectorAll(`[data-keep=${kept.id}]`);
}

function leftOut(kept, key) {
  return fields(kept, "less").find((field) => field.value.endsWith(`:${key}`));
}

// Takes over that the operator has ticked or unticked the box. False if there are too many.
function keep(box) {
  const kept = keptIn(box), name = box.dataset.name;
  if (box.type === "radio") {
    kept.replaceChildren();
    add(kept, name, box.value);
    return true;
  }
  if (kept.children.length >= MOST_TICKED) {
    box.checked = !box.checked;
    say(kept, "tooManyTicked");
    return false;
  }
  leftOut(kept, box.value)?.remove();
  if (box.checked) {
    begin(kept);
    add(kept, name, box.value);
  } else {
    find(kept, name, box.value)?.remove();
    const searches = fields(kept, "all").length;
    if (searches) add(kept, "less", `${searches}:${box.value}`);
    endIfEmpty(kept);
  }
  count(kept, Number(kept.dataset.count ?? 0) + (box.checked ? 1 : -1));
  return true;
}

function count(kept, number) {
  kept.dataset.count = number;
  kept.dataset.version = Number(kept.dataset.version ?? 0) + 1;
}

// Everything that matches a search, in place of the same search before, which may have been unticked in part.
function addSearch(kept, text) {
  const before = fields(kept, "all");
  const place = before.findIndex((field) => field.value === text);
  if (place < 0 && before.length >= MOST_SEARCHES) return say(kept, "tooManySearches");
  begin(kept);
  if (place >= 0) forgetSearch(kept, before[place], place);
  if (!text.trim()) [...kept.children].filter((field) => field.name !== "since").forEach((field) => field.remove());
  add(kept, "all", text);
  for (const box of boxesOf(kept)) box.checked = true; // at once; how many there are on other pages the server knows
  count(kept, kept.dataset.count);
  refresh(kept);
}

function forgetSearch(kept, field, place) {
  field.remove();
  for (const one of fields(kept, "less")) {
    const [number, key] = one.value.split(":");
    if (Number(number) <= place) continue;
    if (number === "1") one.remove();
    else one.value = `${number - 1}:${key}`;
  }
}

function say(kept, name) {
  const messages = document.getElementById("messages");
  const alert = document.createElement("div");
  alert.className = "alert alert-warning";
  alert.textContent = kept.dataset[name];
  messages.replaceChildren(alert);
}

function refresh(kept) {
  const choice = choiceOf(kept);
  if (choice) htmx.trigger(choice, "selection:refresh");
}

function show() {
  for (const kept of document.querySelectorAll("[data-kept]")) {
    const isMany = kept.dataset.kept === "checkbox";
    for (const box of boxesOf(kept)) {
      const isTicked = Boolean(find(kept, box.dataset.name, box.value));
      box.checked = isTicked || (isMany && box.checked && !isUnticked(kept, box.value));
    }
    const number = isMany ? Number(kept.dataset.count ?? 0) : kept.children.length;
    for (const place of document.querySelectorAll(`[data-count-of=${kept.id}]`)) {
      const words = `(${place.dataset.label}: ${number.toLocaleString(document.documentElement.lang)})`;
      place.textContent = number ? words : "";
    }
    remember(kept);
  }
}

// After the last search: what is unticked then is no part of the selection, whatever a table says that was asked before.
function isUnticked(kept, key) {
  const field = leftOut(kept, key);
  return !kept.children.length || (field && field.value === `${fields(kept, "all").length}:${key}`);
}

// Over a reload, and over signing in again, for as long as the tab is open.
function remember(kept) {
  const said = [...kept.children].map((field) => [field.name, field.value]);
  if (said.length) sessionStorage.setItem(nameOf(kept), JSON.stringify(said));
  else sessionStorage.removeItem(nameOf(kept));
}

function nameOf(kept) {
  return `selection ${kept.dataset.rememberedAs} ${kept.id}`;
}

function recall() {
  for (const kept of document.querySelectorAll("[data-kept]")) {
    const said = JSON.parse(sessionStorage.getItem(nameOf(kept)) ?? "[]");
    kept.replaceChildren();
    for (const [name, value] of said) add(kept, name, value);
    count(kept, 0);
    if (said.length) refresh(kept);
  }
}

function forget(rememberedAs) {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(`selection ${rememberedAs} `)) sessionStorage.removeItem(name);
  }
}

// Where something is selected, a table is asked for with it: no address could hold it.
document.addEventListener("htmx:configRequest", (event) => {
  const request = event.detail;
  const kept = keptOf(request.target);
  if (request.verb !== "get" || !kept?.children.length) return;
  const asked = new URLSearchParams(), body = new FormData();
  for (const [name, value] of Object.entries(request.parameters)) asked.append(name, value);
  for (const field of kept.children) body.append(field.name, field.value);
  const query = asked.toString();
  if (query) request.path += (request.path.includes("?") ? "&" : "?") + query;
  request.verb = "post";
  request.useUrlParams = false;
  request.headers["Content-Type"] = "application/x-www-form-urlencoded";
  request.parameters = body;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const kept = keptOf(event.detail.target);
  if (kept) event.detail.requestConfig.version = kept.dataset.version;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const kept = keptOf(event.detail.target);
  if (!kept) return;
  if (event.detail.requestConfig.version === kept.dataset.version) {
    kept.dataset.count = choiceOf(kept).dataset.selected;
  } else {
    refresh(kept); // something was ticked while it was on its way
  }
});

function keptOf(target) {
  const choice = target?.querySelector?.("[data-choice-of]");
  return choice && document.getElementById(choice.dataset.choiceOf);
}

let last = null; // the box from which Shift reaches

function boxesBetween(one, other) {
  const boxes = [...one.closest("tbody").querySelectorAll("[data-keep]")];
  const [from, to] = [boxes.indexOf(one), boxes.indexOf(other)].sort((a, b) => a - b);
  return boxes.slice(from, to + 1);
}

function tick(boxes, isTicked) {
  for (const box of boxes) {
    if (box.checked === isTicked) continue;
    box.checked = isTicked;
    if (!keep(box)) break;
  }
}

function reach(box, isTicked) {
  const isNear = last?.isConnected && last.type === "checkbox" && last.closest("tbody") === box.closest("tbody");
  if (isNear) tick(boxesBetween(last, box).filter((one) => one !== box), isTicked);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("[data-keep]")) return;
  keep(box);
  last = box;
  show();
});

// Whoever presses Shift wants rows, not the text between them.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && rowBox(event.target)) event.preventDefault();
});

function rowBox(target) {
  return target.closest("tr")?.querySelector("tbody [data-keep]");
}

document.addEventListener("click", (event) => {
  const box = rowBox(event.target);
  if (!box || event.target.closest("a, button, label, select")) return;
  if (event.target === box) {
    if (event.shiftKey) reach(box, box.checked);
  } else if (!event.target.closest("input") && !String(getSelection())) {
    const isTicked = box.type === "radio" || !box.checked;
    if (event.shiftKey) reach(box, isTicked);
    if (box.checked !== isTicked) box.click();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-select-all], [data-select-page], [data-select-none]");
  if (!button) return;
  const { selectAll, selectPage, selectNone } = button.dataset;
  const kept = document.getElementById(selectAll ?? selectPage ?? selectNone);
  if (selectAll) addSearch(kept, button.value);
  if (selectPage) tick(boxesOf(kept), true);
  if (selectNone) {
    kept.replaceChildren();
    count(kept, 0);
    refresh(kept);
  }
  show();
});

// What was asked for is done, or others were faster with some of it.
document.addEventListener("selection:done", () => {
  for (const kept of document.querySelectorAll("[data-kept]")) forget(kept.dataset.rememberedAs);
});
document.addEventListener("selection:stale", () => document.querySelectorAll("[data-kept=checkbox]").forEach(refresh));

document.addEventListener("htmx:afterSettle", show);
document.addEventListener("htmx:historyRestore", start);
window.addEventListener("pageshow", (event) => event.persisted && start());

function start() {
  for (const done of document.querySelectorAll("[data-selection-done]")) forget(done.dataset.selectionDone);
  recall();
  show();
}

// After htmx, which then hears that a table is to be asked for anew.
document.addEventListener("DOMContentLoaded", start);
