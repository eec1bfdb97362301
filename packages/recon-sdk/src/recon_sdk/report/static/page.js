"use strict";
// Filters, order and paging of the table of matches. Without it the whole table is shown.
(() => {
  const table = document.querySelector("table.matches");
  const form = document.querySelector("form.filters");
  if (!table || !form) return;
  const page = 100;
  const rows = [...table.tBodies].map((body, at) => ({
    at, body, text: body.textContent.toLowerCase(), data: body.dataset,
  }));
  const more = document.querySelector(".more");
  const shown = form.querySelector(".shown");
  const field = (name) => form.elements.namedItem(name);
  const orders = {
    size: (a, b) => b.data.size - a.data.size,
    score: (a, b) => a.data.score - b.data.score,
    day: (a, b) => (a.data.day < b.data.day ? -1 : a.data.day > b.data.day ? 1 : 0),
  };
  let limit = page;

  function refresh() {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const decision = field("decision").value;
    const reason = field("reason").value;
    const fits = rows.filter(({ text, data }) =>
      (!decision || data.decision === decision) &&
      (!reason || data.reasons.split(" ").includes(reason)) &&
      words.every((word) => text.includes(word)));
    const visible = new Set(fits.slice(0, limit));
    for (const row of rows) row.body.hidden = !visible.has(row);
    more.hidden = fits.length <= limit;
    const count = (n) => n.toLocaleString("en");
    shown.textContent = fits.length === 0 ? "Nothing fits" :
      `${count(visible.size)} of ${count(fits.length)}`;
  }

  function reorder() {
    const order = orders[field("order").value];
    rows.sort((a, b) => (order ? order(a, b) : 0) || a.at - b.at);
    table.append(...rows.map((row) => row.body));
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    limit = page;
    if (event.target === field("order")) reorder();
    refresh();
  });
  more.querySelector("button").addEventListener("click", () => {
    limit += page;
    refresh();
  });
  for (const link of document.querySelectorAll("a[data-reason]")) {
    link.hidden = false;
    link.addEventListener("click", () => {
      form.reset();
      field("reason").value = link.dataset.reason;
      limit = page;
      reorder();
      refresh();
    });
  }
  addEventListener("beforeprint", () => {
    for (const row of rows) row.body.hidden = false;
  });
  addEventListener("afterprint", refresh);
  form.hidden = false;
  refresh();
})();
