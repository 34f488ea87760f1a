"use strict";

(() => {
  const { runs, evaluations } = report.data;
  const smoothing = document.getElementById("smoothing");
  const along = document.getElementById("along");
  const logarithmic = document.getElementById("logarithmic");
  const moment = document.getElementById("moment");
  const several = runs.length > 1;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
  const exact = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });
  const tiny = (value) => value !== 0 && Math.abs(value) < 1e-3;
  // "+ 0" makes a zero of a negative one.
  const label = (value) => (tiny(value) ? value.toExponential(1).replace(".0e", "e") : short.format(value + 0));
  const whole = (value) => (tiny(value) ? value.toExponential(3) : exact.format(value));

  // A colour with an opacity, from #rrggbb.
  const faint = (hex, opacity) => hex + Math.round(opacity * 255).toString(16).padStart(2, "0");

  const points = (x, y) => x.map((at, i) => ({ x: at, y: y[i] })).filter((p) => p.y !== null && p.x !== null);

  // An exponential average of the means with a time constant of so many percent of the run, without a bias to its start.
  function smooth(curve, percent) {
    const means = curve.mean ?? curve.y;
    const count = means.reduce((n, mean) => n + (mean !== null), 0);
    const keep = percent > 0 ? Math.exp(-100 / (percent * count)) : 0;
    let sum = 0;
    let weight = 0;
    return means.map((mean) => {
      if (mean === null) return null;
      sum = keep * sum + (1 - keep) * mean;
      weight = keep * weight + (1 - keep);
      // To the digits of the data, so that a constant stays one.
      return Number((sum / weight).toPrecision(6));
    });
  }

  // From the start of training to the end of the longest run.
  function trainingAxis(sets) {
    const title = along?.options[along.selectedIndex].text ?? "steps";
    return { title, min: 0, max: Math.max(...sets.map((set) => set.data.at(-1)?.x ?? 0)) || undefined };
  }

  function scalar(canvas) {
    const sets = [];
    runs.forEach((run, i) => {
      const curve = run.curves[canvas.dataset.key];
      if (!curve) return;
      const ink = colour(`--s${i % 8}`);
      const percent = "exact" in canvas.dataset ? 0 : Number(smoothing.value);
      const x = curve[along.value];
      const raw = { label: run.name, data: points(x, curve.y), borderWidth: 1 };
      if (percent === 0) {
        sets.push({ ...raw, borderColor: ink, borderWidth: 1.5 });
      } else {
        sets.push({ ...raw, borderColor: faint(ink, several ? 0.16 : 0.3), quiet: true });
        sets.push({ label: run.name, data: points(x, smooth(curve, percent)), borderColor: ink, borderWidth: 2 });
      }
    });
    return { sets, x: trainingAxis(sets), y: { log: logarithmic.checked } };
  }

  // The last moment of a run that had seen at most so many images.
  const momentOf = (levels, images) => Math.max(0, levels.images.findLastIndex((seen) => seen <= images));
  const mostImages = Math.max(0, ...runs.flatMap((run) => run.levels?.images ?? []));
  const chosenImages = () => (mostImages * (Number(moment.value) + 1)) / (Number(moment.max) + 1);

  function level(canvas) {
    const sets = [];
    const key = canvas.dataset.key;
    const members = canvas.dataset.runs.split(",").map(Number);
    for (const i of members) {
      const { levels, name } = runs[i];
      const curve = levels.curves[key];
      if (!curve) continue;
      const ink = colour(`--s${i % 8}`);
      const at = momentOf(levels, chosenImages());
      if (!several) {
        for (const share of [0, 0.05, 0.15, 0.4, 1]) {
          const earlier = Math.round(share * (curve.length - 1));
          sets.push({
            label: `step ${exact.format(levels.step[earlier])}`,
            data: points(levels.middle, curve[earlier]),
            borderColor: faint(ink, 0.25 + 0.35 * share),
            borderWidth: 1,
            quiet: true,
          });
        }
      }
      sets.push({
        label: several ? name : `step ${exact.format(levels.step[at])}`,
        data: points(levels.middle, curve[at]),
        borderColor: ink,
        backgroundColor: ink,
        borderWidth: 2,
        pointRadius: 2.5,
      });
    }
    // Runs of different data or processes have no reference in common.
    const { reference } = runs[members[0]].levels;
    const common = members.every((i) => JSON.stringify(runs[i].levels.reference) === JSON.stringify(reference));
    if (key === "rmse" && reference && common) {
      ["the best linear prediction", "pixels taken each by itself"].forEach((name, n) => {
        const line = { label: name, data: points(reference.level, reference[name]), borderColor: colour("--soft") };
        sets.push({ ...line, borderWidth: 1.2, borderDash: n ? [2, 4] : [6, 4], legend: true });
      });
    }
    const log = key === "vs_linear" || (key === "rmse" && "logX" in canvas.dataset);
    return { sets, x: { title: canvas.dataset.unit, log: "logX" in canvas.dataset }, y: { log } };
  }

  function evaluation(canvas) {
    const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
    const kinds = [...new Set(evaluations[canvas.dataset.key].map((series) => series.weights))];
    const sets = evaluations[canvas.dataset.key].map((series) => ({
      label: several ? `${runs[series.run].name}, ${series.weights}` : series.weights,
      data: points(series[along?.value ?? "step"], series.y),
      borderColor: colour(`--s${several ? series.run % 8 : kinds.indexOf(series.weights) % 8}`),
      borderDash: dashes[kinds.indexOf(series.weights) % dashes.length],
      borderWidth: 2,
      pointRadius: 3,
      clip: 6,
      legend: true,
    }));
    return { sets, x: trainingAxis(sets), y: {} };
  }

  function axis({ title, log }) {
    return {
      type: log ? "logarithmic" : "linear",
      title: { display: Boolean(title), text: title, color: colour("--soft") },
      ticks: { color: colour("--soft"), callback: label, maxTicksLimit: 7, maxRotation: 0, autoSkipPadding: 12, includeBounds: false },
      grid: { color: colour("--rule"), tickColor: "transparent" },
      border: { display: false },
    };
  }

  function options({ sets, x, y }) {
    return {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      elements: { point: { radius: 0, hitRadius: 8, hoverRadius: 4 }, line: { tension: 0 } },
      scales: { x: { ...axis(x), min: x.min, max: x.max }, y: axis(y) },
      plugins: {
        legend: {
          display: sets.some((set) => set.legend),
          position: "bottom",
          align: "start",
          labels: {
            color: colour("--soft"),
            boxHeight: 0,
            boxWidth: 24,
            filter: (item, chart) => chart.datasets[item.datasetIndex].legend === true,
          },
        },
        tooltip: {
          filter: (item) => !item.dataset.quiet,
          callbacks: {
            title: (items) => (items.length ? `${x.title.split(":")[0]} ${whole(items[0].parsed.x)}` : ""),
            label: (item) => `${item.dataset.label}: ${whole(item.parsed.y)}`,
          },
        },
      },
    };
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const kinds = { scalar, level, evaluation };
  const charts = [...document.querySelectorAll("canvas[data-chart]")].map((canvas) => {
    const make = () => kinds[canvas.dataset.chart](canvas);
    const content = make();
    const chart = new Chart(canvas, { type: "line", data: { datasets: content.sets }, options: options(content) });
    return { canvas, chart, make };
  });

  function draw(kind) {
    for (const { canvas, chart, make } of charts) {
      if (kind && canvas.dataset.chart !== kind) continue;
      const content = make();
      chart.data.datasets = content.sets;
      chart.options = options(content);
      chart.update("none");
    }
  }

  // At most once for each picture that the screen shows.
  let due = new Set();
  function soon(kind) {
    if (due.size === 0) {
      requestAnimationFrame(() => {
        const kinds = due;
        due = new Set();
        kinds.forEach(draw);
      });
    }
    due.add(kind);
  }

  function smoothed() {
    const percent = Number(smoothing.value);
    document.getElementById("smoothing-value").textContent = percent === 0 ? "none" : `${percent}% of the run`;
    soon("scalar");
  }

  function moved() {
    const images = chosenImages();
    const steps = runs.filter((run) => run.levels).map((run) => run.levels.step[momentOf(run.levels, images)]);
    const where = several ? `${short.format(images)} images` : `step ${exact.format(steps[0])}`;
    document.getElementById("moment-value").textContent = where;
    moment.setAttribute("aria-valuetext", where);
    soon("level");
  }

  smoothing?.addEventListener("input", smoothed);
  along?.addEventListener("change", () => { soon("scalar"); soon("evaluation"); });
  logarithmic?.addEventListener("change", () => soon("scalar"));
  moment?.addEventListener("input", moved);
  if (moment) moved();
  report.redraw.push(() => draw());
  addEventListener("beforeprint", () => charts.forEach(({ chart }) => chart.resize()));
  addEventListener("afterprint", () => charts.forEach(({ chart }) => chart.resize()));
})();
