// What tables and charts need beyond styles: a hint where more is to be scrolled, the day of today, paper.
"use strict";

const SCROLLED = ".list-table, .heat-wrap, .filters";

function show(scrolled) {
  hint(scrolled);
  keepNames(scrolled);
}

function hint(scrolled) {
  const room = scrolled.closest(".table-room");
  const rest = scrolled.scrollWidth - scrolled.clientWidth - scrolled.scrollLeft;
  room?.classList.toggle("more-before", scrolled.scrollLeft > 1);
  room?.classList.toggle("more-after", rest > 1);
}

// The names of the rows of a heat map stay in sight, in front of the cells that they then cover.
function keepNames(scrolled) {
  const chart = scrolled.querySelector("svg.heat-map");
  if (!chart) return;
  const scale = chart.viewBox.baseVal.width / chart.getBoundingClientRect().width;
  chart.classList.toggle("is-scrolled", scrolled.scrollLeft > 1);
  for (const name of chart.querySelectorAll(":scope > g > .name, :scope > g > text:first-child")) {
    if (!name.classList.contains("name")) {
      name.classList.add("name");
      name.parentElement.append(name);
    }
    name.setAttribute("transform", `translate(${scrolled.scrollLeft * scale} 0)`);
  }
}

function arrange() {
  for (const chart of document.querySelectorAll("[data-open-at-end]:not([data-opened])")) {
    chart.scrollLeft = chart.scrollWidth;
    chart.dataset.opened = "";
  }
  document.querySelectorAll(SCROLLED).forEach(show);
}

document.addEventListener("scroll", (event) => {
  if (event.target instanceof Element && event.target.matches(SCROLLED)) show(event.target);
}, true);
window.addEventListener("resize", arrange);
document.addEventListener("htmx:afterSettle", arrange);
arrange();

// The browser asks where to print once the page with all rows is there.
window.addEventListener("load", () => {
  if (document.querySelector("[data-print]")) window.print();
});
