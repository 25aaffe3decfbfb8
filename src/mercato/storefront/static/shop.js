// Makes the pages quicker, never different: every address works without this script, and everything here asks the server
// for that same address. `X-Fragment: results` asks for a page's <main> alone.

const SUGGEST_PAUSE = 60;
const RESULTS_PAUSE = 180;
const SCROLL_PAUSE = 150;
const KEPT_PAGES = 20;
const KEPT_SUGGESTIONS = 60;
const KEPT_SEARCHES = 5;
const RECENT_KEY = "mercato.recent";
// ISO 4217, as the server counts: browsers follow CLDR, which writes some currencies without the decimals that they have.
const MINOR_DIGITS = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const byId = (id) => document.getElementById(id);
const main = byId("main");
const desk = matchMedia("(min-width: 900px)");

function minorDigits(currency) {
  const other = Object.entries(MINOR_DIGITS).find(([, codes]) => codes.includes(currency));
  return other ? Number(other[0]) : 2;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${name}"/></svg>`;
  return holder.content;
}

// A picture in a square place, in the formats there are; as `pictures.py` does it.
function picture(image, side) {
  const made = image.renditions ?? [];
  const cut = image.width === image.height ? [] : made.filter(({ name }) => name === "square");
  const fitting = cut.length ? cut : made.filter(({ name }) => name !== "square");
  const sources = ["avif", "webp"].flatMap((format) => {
    const sizes = fitting.filter((one) => one.format === format).sort((a, b) => a.width - b.width);
    const srcset = sizes.map(({ url, width }) => `${url} ${width}w`).join(", ");
    return srcset ? [make("source", { type: `image/${format}`, sizes: `${side}px`, srcset })] : [];
  });
  const url = made.find(({ format }) => format === "jpeg")?.url ?? image.url;
  return make("picture", {}, ...sources, make("img", { src: url, alt: "", width: side, height: side, decoding: "async" }));
}

function after(pause, action) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), pause);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

function keep(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

async function ask(url, signal) {
  const answer = await fetch(url, { headers: { "X-Fragment": "results" }, cache: "no-store", signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.text();
}

function announce(text) {
  const live = byId("live");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

// Pages in place

const pages = new Map();
let pending = null;
// While somebody types, one history entry follows the typing; Enter, a filter or leaving the field settles it.
let isDraft = false;

const here = () => location.pathname + location.search;

async function show(url, { history: how = "push", scroll = "keep", top = 0, isTyping = false } = {}) {
  pending?.abort();
  const mine = (pending = new AbortController());
  main.setAttribute("aria-busy", "true");
  try {
    const html = await ask(url, mine.signal);
    if (mine !== pending) return;
    place(html);
    const address = main.dataset.url || url;
    if (how === "push" && address === here()) how = "replace";
    if (how === "push" && isDraft && isTyping) how = "replace";
    if (how !== "none") history[`${how}State`]({ y: scrollY }, "", address);
    isDraft = isTyping;
    keep(pages, address, html, KEPT_PAGES);
    if (scroll === "top") toTop();
    if (scroll === "restore") scrollTo(0, top);
    announce(main.dataset.announce);
  } catch (error) {
    if (mine !== pending || error.name === "AbortError") return;
    fail(() => show(url, { history: how, scroll, top, isTyping }));
  } finally {
    if (mine === pending) {
      pending = null;
      main.removeAttribute("aria-busy");
    }
  }
}

function fail(retry) {
  const again = make("button", { type: "button", className: "button", textContent: "Try again", onclick: retry });
  const note = make("div", { className: "failed", id: "failed" }, make("p", { textContent: "That did not load." }), again);
  note.setAttribute("role", "alert");
  byId("failed")?.remove();
  (main.querySelector(".results") ?? main).prepend(note);
}

function place(html) {
  const next = parse(html).getElementById("main");
  const memory = remember();
  byId("failed")?.remove();
  const isSameKind = main.querySelector("[data-listing]") && next.querySelector("[data-listing]");
  if (isSameKind) {
    for (const part of main.querySelectorAll("[data-part]")) {
      const other = next.querySelector(`[data-part="${part.dataset.part}"]`);
      for (const { name, value } of [...other.attributes]) part.setAttribute(name, value);
      part.replaceChildren(...other.childNodes);
    }
  } else {
    main.replaceChildren(...next.childNodes);
  }
  for (const name of ["kind", "url", "title", "announce", "live"]) {
    if (name in next.dataset) main.dataset[name] = next.dataset[name];
    else delete main.dataset[name];
  }
  document.title = main.dataset.title;
  recall(memory);
  enhance();
}

function remember() {
  const active = document.activeElement;
  const folds = [...main.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]);
  const finds = [...main.querySelectorAll("[data-find]")].filter((find) => find.value).map((find) => [find.id, find.value]);
  return { id: active?.id, wasInside: main !== active && main.contains(active), folds, finds };
}

function recall({ id, wasInside, folds, finds }) {
  for (const [name, open] of folds) {
    const fold = byId(name);
    if (fold) fold.open = open;
  }
  for (const [name, text] of finds) {
    const find = byId(name);
    if (find) find.value = text;
    if (find) findInside(find);
  }
  if (!wasInside || main.contains(document.activeElement)) return;
  const target = byId(id) ?? main.querySelector("#chips a") ?? main;
  target.focus({ preventScroll: true });
}

function toTop() {
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

const saveScroll = after(SCROLL_PAUSE, () => history.replaceState({ ...history.state, y: scrollY }, ""));

history.scrollRestoration = "manual";
addEventListener("scroll", saveScroll, { passive: true });
addEventListener("popstate", (event) => {
  const url = here();
  const top = event.state?.y ?? 0;
  const kept = pages.get(url);
  saveScroll.cancel();
  isDraft = false;
  if (kept) {
    pending?.abort();
    pending = null;
    main.removeAttribute("aria-busy");
    place(kept);
    scrollTo(0, top);
    announce(main.dataset.announce);
  } else {
    show(url, { history: "none", scroll: "restore", top });
  }
  box.set(new URLSearchParams(location.search).get("q") ?? "");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  box.settle();
  show(link.href, { scroll: link.dataset.swap === "top" ? "top" : "keep" });
  box.set(new URL(link.href).searchParams.get("q") ?? "");
});

// Filters

function filterUrl(form) {
  const wanted = new URLSearchParams();
  // Where results follow the typing, the field may be ahead of the form.
  const isFollowing = "live" in main.dataset;
  if (isFollowing && box.words) wanted.set("q", box.words);
  for (const [name, value] of new FormData(form)) {
    const isDefault = (name === "sort" && value === "relevance") || (name === "q" && isFollowing);
    if (value.trim() && !isDefault) wanted.append(name, value.trim());
  }
  const query = wanted.toString();
  return new URL(form.action).pathname + (query ? `?${query}` : "");
}

document.addEventListener("change", ({ target }) => {
  if (target.form?.id !== "filters-form" || "find" in target.dataset) return;
  if (target.type === "range") slide(target);
  box.settle();
  show(filterUrl(target.form));
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "filters-form") return;
  event.preventDefault();
  show(filterUrl(event.target));
});

document.addEventListener("input", ({ target }) => {
  if (target.type === "range") slide(target);
  if ("find" in target.dataset) findInside(target);
});

function findInside(find) {
  if ("cut" in find.dataset) {
    findBeyond(find);
    return;
  }
  const wanted = find.value.trim().toLocaleLowerCase();
  const group = find.closest("fieldset");
  const more = group.querySelector("details.more");
  if (more && wanted) more.open = true;
  for (const line of group.querySelectorAll(".option")) {
    const label = line.querySelector(".option-label").textContent.toLocaleLowerCase();
    line.hidden = wanted !== "" && !label.includes(wanted);
  }
}

let finding = null;

// The page holds only the first values of a long filter; the server searches all of them.
const findBeyond = after(SUGGEST_PAUSE, async (find) => {
  finding?.abort();
  const mine = (finding = new AbortController());
  const url = new URL(main.dataset.url, location.href);
  const words = find.value.trim();
  if (words) url.searchParams.set(`find.${find.dataset.find}`, words);
  try {
    const next = parse(await ask(url, mine.signal)).getElementById(find.closest(".filter").id);
    if (mine !== finding || !next || !find.isConnected) return;
    const lists = ":scope > fieldset > :is(ul, .more, .filter-none)";
    find.closest(".filter").querySelectorAll(lists).forEach((list) => list.remove());
    find.after(...next.querySelectorAll(lists));
    const more = find.parentElement.querySelector(".more");
    if (more && words) more.open = true;
  } catch {
    // Left as it was: the next letter asks again.
  }
});

// The slider writes into the two fields, which are what the form sends.
function slide(moved) {
  const low = byId("price-low");
  const high = byId("price-high");
  if (+low.value > +high.value) moved.value = moved === low ? high.value : low.value;
  byId("price_min").value = low.value === low.min ? "" : low.value;
  byId("price_max").value = +high.value >= +high.max ? "" : high.value;
  fillSlider();
}

function fillSlider() {
  const low = byId("price-low");
  const high = byId("price-high");
  const share = (range) => (100 * (range.value - range.min)) / (range.max - range.min || 1);
  const slider = low.closest(".slider");
  slider.style.setProperty("--from", `${share(low)}%`);
  slider.style.setProperty("--to", `${share(high)}%`);
}

// A picture that is there needs no colour behind it any more.
const uncover = (image) => image.closest(".plate")?.classList.add("is-there");
document.addEventListener("load", ({ target }) => target.localName === "img" && uncover(target), { capture: true });

function enhance() {
  for (const image of main.querySelectorAll(".plate img")) if (image.complete && image.naturalWidth) uncover(image);
  for (const hidden of main.querySelectorAll(".only-with-script[hidden]")) hidden.hidden = false;
  if (byId("price-low")) {
    // A step that does not divide the range would leave the upper end out of reach.
    byId("price-high").value = byId("price_max").value || byId("price-high").max;
    fillSlider();
  }
  watchGallery();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest?.(".show-results")) scrollTo(0, 0);
});
desk.addEventListener("change", () => byId("filters")?.matches(":popover-open") && byId("filters").hidePopover());

// Gallery

function watchGallery() {
  const pictures = byId("gallery");
  const thumbs = [...main.querySelectorAll(".gallery-thumbs a")];
  if (!pictures || !thumbs.length) return;
  const mark = (index) =>
    thumbs.forEach((thumb, n) => (n === index ? thumb.setAttribute("aria-current", "true") : thumb.removeAttribute("aria-current")));
  pictures.addEventListener("scroll", () => mark(Math.round(pictures.scrollLeft / pictures.clientWidth)), { passive: true });
  thumbs.forEach((thumb, index) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      pictures.scrollTo({ left: index * pictures.clientWidth });
      mark(index);
    }),
  );
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".gallery-zoom");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const large = link.querySelector("picture").cloneNode(true);
  for (const source of large.querySelectorAll("source")) source.sizes = "96vmin";
  const shown = Object.assign(large.querySelector("img"), { src: link.href, loading: "eager" });
  const close = make("button", { type: "button", title: "Close", ariaLabel: "Close" }, icon("close"));
  const zoom = make("dialog", { className: "zoom" }, large, close);
  zoom.setAttribute("aria-label", shown.alt || "Picture");
  zoom.addEventListener("click", () => zoom.close());
  zoom.addEventListener("close", () => zoom.remove());
  document.body.append(zoom);
  zoom.showModal();
});

// Options of a product: a choice shows its variant in place, and the address names it.

let choosing = null;

async function choose(radio) {
  choosing?.abort();
  choosing = new AbortController();
  const { currency } = radio.form.elements;
  const wanted = { variant: radio.dataset.sku, ...(currency && { currency: currency.value }) };
  const url = `${location.pathname}?${new URLSearchParams(wanted)}`;
  try {
    const fresh = parse(await ask(url, choosing.signal));
    for (const part of main.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (other && other.innerHTML !== part.innerHTML) part.replaceWith(other);
    }
    byId(radio.id)?.focus();
    history.replaceState(history.state, "", url);
    watchGallery();
    announce(main.querySelector('[data-part="price"]').textContent.trim().replace(/\s+/g, " "));
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

document.addEventListener("change", ({ target }) => target.dataset?.sku && choose(target));

// Search as you type: the combobox pattern of ARIA 1.2. Focus stays in the field; the active option is only pointed at.

const recent = {
  read() {
    try {
      const words = JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
      return Array.isArray(words) ? words.filter((word) => typeof word === "string").slice(0, KEPT_SEARCHES) : [];
    } catch {
      return [];
    }
  },
  add(words) {
    const others = this.read().filter((other) => other.toLowerCase() !== words.toLowerCase());
    this.write([words, ...others].slice(0, KEPT_SEARCHES));
  },
  write(list) {
    try {
      localStorage.setItem(RECENT_KEY, JSON.stringify(list));
    } catch {
      // Private windows and full disks: recent searches are a comfort, nothing depends on them.
    }
  },
};

class SearchBox {
  form = byId("search");
  field = byId("q");
  panel = byId("suggest");
  list = byId("suggest-list");
  foot = byId("suggest-foot");
  scrim = byId("scrim");
  known = new Map();
  options = [];
  active = -1;
  typed = this.field.value;
  asking = null;

  constructor() {
    const field = this.field;
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": "suggest-list", "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
    this.suggestSoon = after(SUGGEST_PAUSE, () => this.suggest());
    this.searchSoon = after(RESULTS_PAUSE, () => this.searchWhileTyping());
    field.addEventListener("input", () => this.type());
    field.addEventListener("focus", () => this.suggest());
    field.addEventListener("click", () => this.panel.hidden && this.suggest());
    field.addEventListener("keydown", (event) => this.press(event));
    this.form.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget !== field && !this.panel.contains(relatedTarget)) this.close();
    });
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.panel.addEventListener("pointerdown", (event) => event.target.closest("button") || event.preventDefault());
    this.list.addEventListener("click", (event) => this.click(event));
    this.scrim.addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }

  get words() {
    return this.typed.trim().replace(/\s+/g, " ");
  }

  set(words) {
    if (document.activeElement === this.field && !this.panel.hidden) return;
    this.field.value = this.typed = words;
  }

  type() {
    this.typed = this.field.value;
    this.point(-1);
    this.suggestSoon();
    if ("live" in main.dataset) this.searchSoon();
  }

  searchWhileTyping() {
    const q = this.words;
    const url = q ? `/search?${new URLSearchParams({ q })}` : "/search";
    if (url !== here()) show(url, { isTyping: true });
  }

  settle() {
    this.searchSoon.cancel();
    isDraft = false;
  }

  async suggest() {
    const q = this.words;
    this.asking?.abort();
    const kept = this.known.get(q);
    if (kept) return this.render(kept);
    const mine = (this.asking = new AbortController());
    const limit = desk.matches ? 10 : 8;
    try {
      const answer = await fetch(`/api/v1/search/suggest?${new URLSearchParams({ q, limit })}`, { signal: mine.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const found = await answer.json();
      // An answer that comes after more was typed is not shown: never older over newer.
      if (mine !== this.asking || q !== this.words) return undefined;
      keep(this.known, q, found, KEPT_SUGGESTIONS);
      return this.render(found);
    } catch (error) {
      if (mine !== this.asking || error.name === "AbortError") return undefined;
      return this.renderFailure();
    }
  }

  render(found) {
    if (document.activeElement !== this.field) return;
    const groups = this.words ? this.matches(found) : this.starters(found);
    this.options = [];
    this.active = -1;
    this.list.replaceChildren(...groups.filter(({ items }) => items.length).map((group) => this.group(group)));
    this.foot.replaceChildren();
    if (this.words && !this.options.length) {
      this.foot.append(`No suggestions for “${this.words}”. Enter searches all the same.`);
    } else if (!this.words && recent.read().length) {
      const forget = () => {
        recent.write([]);
        this.field.focus();
        this.render(found);
      };
      this.foot.append(make("span"), make("button", { type: "button", textContent: "Clear recent searches", onclick: forget }));
    }
    this.open(this.options.length > 0 || this.foot.hasChildNodes());
    const count = this.options.length;
    if (this.words) announce(count ? `${count} ${count === 1 ? "suggestion" : "suggestions"}` : "No suggestions");
  }

  renderFailure() {
    if (document.activeElement !== this.field) return;
    this.options = [];
    this.active = -1;
    this.list.replaceChildren();
    const retry = () => {
      this.field.focus();
      this.suggest();
    };
    const again = make("button", { type: "button", textContent: "Try again", onclick: retry });
    this.foot.replaceChildren("Suggestions did not load. Enter still searches.", again);
    this.open(true);
    announce("Suggestions did not load");
  }

  starters(found) {
    const searches = recent.read().map((words) => ({ kind: "query", symbol: "clock", text: words, fill: words }));
    return [{ title: "Recent searches", items: searches }, ...this.matches(found, "Popular searches")];
  }

  matches({ queries, categories, brands, products }, title = "Searches") {
    return [
      { title, items: queries.map((q) => ({ kind: "query", symbol: "search", html: q.highlight, fill: q.query })) },
      {
        title: "Categories",
        items: categories.map((c) => ({ kind: "place", before: "in ", html: c.highlight, fill: c.name, side: this.count(c), url: `/c/${c.path}` })),
      },
      {
        title: "Brands",
        items: brands.map((b) => ({ kind: "place", html: b.highlight, fill: b.name, side: this.count(b), url: `/b/${b.slug}` })),
      },
      {
        title: "Products",
        items: products.map((p) => ({ kind: "product", html: p.highlight, fill: p.name, image: p.image, side: this.price(p.price), url: `/p/${p.slug}` })),
      },
    ];
  }

  count({ product_count: count }) {
    return new Intl.NumberFormat(this.form.dataset.locale).format(count);
  }

  price(money) {
    if (!money) return "";
    const digits = minorDigits(money.currency);
    const options = { style: "currency", currency: money.currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(this.form.dataset.locale, options).format(money.amount / 10 ** digits);
  }

  group({ title, items }) {
    const name = `suggest-${title.toLowerCase().replace(/\s+/g, "-")}`;
    const heading = make("div", { className: "suggest-title", id: name, textContent: title });
    heading.setAttribute("role", "presentation");
    const group = make("div", { className: "suggest-group" }, heading, ...items.map((item) => this.option(item)));
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", name);
    return group;
  }

  option(item) {
    const id = `suggestion-${this.options.length}`;
    const text = make("span", { className: "suggest-text" });
    if (item.before) text.append(make("span", { className: "plain", textContent: item.before }));
    text.append(...(item.html ? highlight(item.html) : [item.text]));
    const option = make("div", { className: `suggest-option suggest-${item.kind}`, id });
    if (item.kind === "product") option.append(this.picture(item.image));
    if (item.symbol) option.append(icon(item.symbol));
    option.append(text);
    if (item.side) option.append(make("span", { className: "suggest-side", textContent: item.side }));
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    this.options.push({ ...item, element: option });
    return option;
  }

  picture(image) {
    const holder = make("span", { className: "suggest-picture" });
    holder.append(image ? picture(image, 44) : icon("box"));
    if (image?.dominant_color) holder.style.backgroundColor = image.dominant_color;
    holder.querySelector("img")?.addEventListener("load", () => (holder.style.backgroundColor = ""));
    holder.querySelector("img")?.addEventListener("error", () => holder.replaceChildren(icon("box")));
    return holder;
  }

  point(index) {
    this.options[this.active]?.element.setAttribute("aria-selected", "false");
    this.active = index;
    const option = this.options[index];
    if (!option) {
      this.field.removeAttribute("aria-activedescendant");
      return;
    }
    option.element.setAttribute("aria-selected", "true");
    option.element.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", option.element.id);
  }

  move(step) {
    if (this.panel.hidden) {
      this.suggest();
      return;
    }
    // A list that somebody walks through must not change under their feet.
    this.suggestSoon.cancel();
    this.asking?.abort();
    this.asking = null;
    const places = this.options.length + 1;
    const next = ((this.active + 1 + step + places) % places) - 1;
    this.point(next);
    this.field.value = this.options[next]?.fill ?? this.typed;
  }

  press(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && this.options[this.active] && !this.panel.hidden) {
      event.preventDefault();
      this.choose(this.options[this.active]);
    } else if (event.key === "Escape") {
      this.escape(event);
    }
  }

  escape(event) {
    event.preventDefault();
    if (!this.panel.hidden) {
      this.field.value = this.typed;
      this.close();
    } else if (this.field.value) {
      this.field.value = "";
      this.type();
    }
  }

  click(event) {
    const element = event.target.closest(".suggest-option");
    const option = this.options.find((candidate) => candidate.element === element);
    if (!option) return;
    if (option.url && (event.metaKey || event.ctrlKey)) open(option.url);
    else this.choose(option);
  }

  choose(option) {
    if (option.url) {
      this.close();
      location.assign(option.url);
      return;
    }
    this.field.value = this.typed = option.fill;
    this.search();
  }

  submit(event) {
    event.preventDefault();
    this.typed = this.field.value;
    this.search();
  }

  search() {
    const q = this.words;
    const url = q ? `/search?${new URLSearchParams({ q })}` : "/search";
    this.suggestSoon.cancel();
    this.searchSoon.cancel();
    this.asking?.abort();
    this.asking = null;
    this.close();
    if (q) recent.add(q);
    if (!("live" in main.dataset)) {
      location.assign(url);
    } else if (url === here() && !pending) {
      isDraft = false;
      scrollTo(0, 0);
    } else {
      show(url, { history: isDraft ? "replace" : "push", scroll: "keep" });
      scrollTo(0, 0);
    }
  }

  open(isOpen) {
    this.panel.hidden = this.scrim.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen && this.options.length > 0));
    if (!isOpen) this.point(-1);
  }

  close() {
    this.suggestSoon.cancel();
    this.asking?.abort();
    this.asking = null;
    this.open(false);
  }
}

// Highlights are text with <mark> around what was typed; anything else in them stays text.
function highlight(html) {
  return [...parse(html).body.childNodes].map((node) =>
    node.nodeName === "MARK" ? make("mark", { textContent: node.textContent }) : node.textContent,
  );
}

const box = new SearchBox();
enhance();
if (history.state?.y) scrollTo(0, history.state.y);
