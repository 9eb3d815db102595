
"use strict";
// Sorts and filters the list. Everything can be read without it.
(() => {
  const table = document.getElementById("lines");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const filters = document.querySelector("[data-filters=lines]");
  const find = document.getElementById("filter-text");
  const chosen = document.getElementById("filter-class");
  const count = filters.querySelector(".count");
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const texts = new Map(rows.map((row) => [row, Array.from(row.cells, (cell) => cell.textContent)]));
  const whole = new Map(rows.map((row) => [row, texts.get(row).join("\n").toLowerCase()]));
  const place = Number(table.dataset.classColumn);

  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!wanted || whole.get(row).includes(wanted)) && (!chosen || !chosen.value || texts.get(row)[place] === chosen.value);
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} lines are shown`;
  };

  const sort = (head) => {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const at = head.cellIndex;
    const way = descending ? -1 : 1;
    rows.sort((a, b) => way * order.compare(texts.get(a)[at], texts.get(b)[at]));
    body.append(...rows);
  };

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
  }
  find.addEventListener("input", filter);
  if (chosen) chosen.addEventListener("change", filter);
  filters.hidden = false;
  filter();
})();
