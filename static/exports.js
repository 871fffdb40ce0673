// Exports that show how far they are. Without this script their links are ordinary downloads.

const SHOWN_AFTER_MS = 500; // a short export does not flicker
const UPDATED_EVERY_MS = 200;
const SAID_EVERY_MS = 10_000; // to a screen reader, which reads all that it is told
const FOLDED_BYTES = 8 * 1024 * 1024;
const MOST_ROWS = 2_000_000; // some 300 MB; what is longer is left to the browser's own downloads

// What stands at the end of a whole file: a server that breaks off does not always tell.
const ENDS = { csv: /\n$/, json: /\]\n?$/, xlsx: /^PK\x05\x06/ };
const END_BYTES = 22;

const running = new Set();

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!running.has(link.href)) new Export(link).run();
});

// Something that has words on the page, by their name there.
class Problem extends Error {}

class Export {
  constructor(link) {
    const template = document.getElementById("export-progress");
    this.url = link.href;
    this.format = link.dataset.export;
    this.place = link.hasAttribute("download") ? "[download]" : ":not([download])"; // the one below the table, or above
    this.below = template.dataset.below;
    this.box = template.content.firstElementChild.cloneNode(true);
    this.bar = this.box.querySelector("progress");
    this.words = this.box.querySelector(".export-words");
    this.box.addEventListener("click", (event) => this.press(event.target));
    placeOf(this.below);
  }

  press(button) {
    if (button.matches("[data-again]") && !running.has(this.url)) this.run();
    if (!button.matches("[data-stop], [data-close]")) return;
    this.isGivenUp = true;
    this.stopping.abort();
    this.box.remove();
    (document.querySelector(`a[data-export=${this.format}]${this.place}`) ?? document.querySelector("main")).focus();
  }

  async run() {
    this.begin();
    const timer = setTimeout(() => this.show(), this.isShown ? 0 : SHOWN_AFTER_MS);
    try {
      await this.fetch();
    } catch (error) {
      if (!this.isGivenUp) this.fail(error instanceof Problem ? error.message : "broken");
    } finally {
      clearTimeout(timer);
      running.delete(this.url);
      this.stopping.abort();
    }
  }

  begin() {
    running.add(this.url);
    this.stopping = new AbortController();
    this.isGivenUp = false;
    this.bytes = this.lines = this.updatedAt = this.saidAt = 0;
    this.total = NaN;
    this.setState("running");
  }

  async fetch() {
    const asked = fetch(this.url, { signal: this.stopping.signal });
    const response = await asked.catch(() => { throw new Problem("unreachable"); });
    const disposition = response.headers.get("Content-Disposition") ?? "";
    if (!response.ok) throw new Problem(response.status === 429 ? "busy" : "failed");
    if (!disposition.startsWith("attachment")) return leaveFor(response);
    this.total = Number(response.headers.get("X-Total-Rows") ?? NaN);
    if (this.total > MOST_ROWS) return this.leaveToBrowser();
    const file = await this.receive(response.body.getReader());
    save(URL.createObjectURL(file), nameIn(disposition));
    this.finish(nameIn(disposition));
  }

  async receive(reader) {
    let parts = [];
    let loose = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parts.push(read.value);
      loose += read.value.length;
      this.bytes += read.value.length;
      this.lines += lineEndsIn(read.value);
      // A blob is kept by the browser, on the disk if need be, and not in the page's own memory.
      if (loose > FOLDED_BYTES) [parts, loose] = [[new Blob(parts)], 0];
      this.update();
    }
    const file = new Blob(parts);
    if (!(await this.isWhole(file))) throw new Problem("broken");
    return file;
  }

  async isWhole(file) {
    const end = await file.slice(-END_BYTES).text();
    return ENDS[this.format].test(end) && !(this.format === "csv" && this.rows < this.total);
  }

  get rows() {
    const heading = this.format === "csv" ? 1 : 0;
    return Math.max(this.lines - heading, 0);
  }

  leaveToBrowser() {
    save(this.url, "");
    this.box.remove();
  }

  show() {
    this.isShown = true;
    this.update();
  }

  update() {
    const now = performance.now();
    if (!this.isShown || now - this.updatedAt < UPDATED_EVERY_MS) return;
    this.updatedAt = now;
    const words = this.describe();
    this.bar.setAttribute("aria-label", words);
    this.write(words, { isSaid: !this.saidAt || now - this.saidAt > SAID_EVERY_MS });
  }

  describe() {
    const { rows, size } = this.box.dataset;
    const format = this.format.toUpperCase();
    if (this.format === "xlsx" || Number.isNaN(this.total)) return fill(size, { format, done: asMegabytes(this.bytes) });
    this.bar.max = Math.max(this.total, 1);
    this.bar.value = Math.min(this.rows, this.total);
    return fill(rows, { format, done: asNumber(this.bar.value), total: asNumber(this.total) });
  }

  // The way back may have brought another page, on which this goes on.
  write(words, { isSaid }) {
    const place = placeOf(this.below);
    if (!place.contains(this.box)) place.append(this.box);
    this.words.textContent = words;
    if (!isSaid) return;
    this.saidAt = performance.now();
    place.firstElementChild.textContent = words;
  }

  setState(state) {
    const hasFocus = this.box.contains(document.activeElement);
    this.box.className = `export ${state}`;
    this.bar.hidden = state !== "running";
    this.bar.removeAttribute("value");
    this.box.querySelector("[data-stop]").hidden = state !== "running";
    this.box.querySelector("[data-again]").hidden = state !== "failed";
    this.box.querySelector("[data-close]").hidden = state === "running";
    if (hasFocus) this.box.querySelector("button:not([hidden])").focus();
  }

  finish(file) {
    this.setState("complete");
    if (this.isShown) this.write(fill(this.box.dataset.complete, { file }), { isSaid: true });
  }

  fail(name) {
    this.setState("failed");
    this.isShown = true;
    this.write(this.box.dataset[name], { isSaid: true });
  }
}

// Below the list, which htmx replaces. A live region has to be there before it is told something.
function placeOf(below) {
  const found = document.getElementById("exports");
  if (found) return found;
  const place = document.createElement("div");
  place.id = "exports";
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  place.append(said);
  const list = document.querySelector(below);
  if (list) list.after(place);
  else document.querySelector("main").append(place);
  return place;
}

// A page in place of the file: that of the sign-in, if there was a redirect, and then this page leads there and back.
function leaveFor(response) {
  if (!response.redirected) throw new Problem("failed");
  window.location.reload();
}

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function nameIn(disposition) {
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(disposition);
  return encoded ? decodeURIComponent(encoded[1]) : (/filename="?([^";]*)/.exec(disposition)?.[1] ?? "");
}

function lineEndsIn(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

function asNumber(number) {
  return number.toLocaleString(document.documentElement.lang);
}

function asMegabytes(bytes) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return (bytes / 1_000_000).toLocaleString(document.documentElement.lang, digits);
}
