"use strict";

// A slider over the moments that have sample grids. A run that has none at the moment shows the one before, if any.
(() => {
  const slider = document.getElementById("grid");
  if (!slider) return;
  const moments = [...new Set(report.data.runs.flatMap((run) => run.grids.map((grid) => grid.images)))];
  moments.sort((a, b) => a - b);
  const count = new Intl.NumberFormat("en");

  function show() {
    const images = moments[Number(slider.value)];
    let step;
    for (const picture of document.querySelectorAll("img[data-run]")) {
      const { run, weights, who } = picture.dataset;
      const grids = report.data.runs[run].grids.filter((grid) => (grid.weights || "-") === weights);
      const grid = grids.findLast((each) => each.images <= images);
      picture.parentElement.hidden = !grid;
      if (!grid) continue;
      step = count.format(grid.step);
      const owner = who === "-" ? "" : who;
      picture.src = grid.src;
      picture.alt = `Generated images${owner && " of " + owner} after ${step} steps of training`;
      picture.nextElementSibling.textContent = `${owner && owner + ", "}after ${step} steps`;
    }
    const where = report.data.runs.length > 1 ? `${count.format(images)} images` : `step ${step}`;
    document.getElementById("grid-value").textContent = where;
    slider.setAttribute("aria-valuetext", where);
  }

  slider.addEventListener("input", show);
  show();
})();
