// What tables and charts need beyond styles: a hint where more is to be scrolled, the day of today, paper, folded filters.
"use strict";

const SCROLLED = ".list-table, .heat-wrap";

function hint(scrolled) {
  const room = scrolled.closest(".table-room");
  const rest = scrolled.scrollWidth - scrolled.clientWidth - scrolled.scrollLeft;
  room?.classList.toggle("more-before", scrolled.scrollLeft > 1);
  room?.classList.toggle("more-after", rest > 1);
}

function arrange() {
  for (const chart of document.querySelectorAll("[data-open-at-end]:not([data-opened])")) {
    chart.scrollLeft = chart.scrollWidth;
    chart.dataset.opened = "";
  }
  document.querySelectorAll(SCROLLED).forEach(hint);
}

document.addEventListener("scroll", (event) => {
  if (event.target instanceof Element && event.target.matches(SCROLLED)) hint(event.target);
}, true);
window.addEventListener("resize", arrange);
document.addEventListener("htmx:afterSettle", arrange);
arrange();

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfold]");
  if (!button) return;
  const filters = button.closest(".filters");
  delete filters.dataset.folded;
  filters.querySelector(".filter:not(.is-set):not(:has([name=company], [name=q])) :is(input, select)")?.focus();
});

// The browser asks where to print once the page with all rows is there.
window.addEventListener("load", () => {
  if (document.querySelector("[data-print]")) window.print();
});
