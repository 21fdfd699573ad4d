/**
 * What the page of an exploration does in a browser, as text: it reads the data beside it and draws with Plot and D3, which stand before
 * it. Plain JavaScript, since it is run as it stands here.
 */

export const pageScript = String.raw`
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const extras = new Map(data.front.map((point) => [point.id, point]));
  const points = data.rows.map((row) => {
    const point = Object.fromEntries(data.columns.map((name, i) => [name, row[i]]));
    return Object.assign(point, extras.get(point.id), { front: extras.has(point.id) });
  });
  const objectiveNames = data.objectives.map(({ name }) => name);
  const metricNames = data.metrics.map(({ name }) => name);
  const numeric = (name) => points.some((point) => typeof point[name] === 'number');
  const axes = [...new Set([...objectiveNames, ...metricNames, ...data.parameters.filter(numeric)])];
  const units = new Map([...data.metrics, ...data.objectives].map(({ name, unit }) => [name, unit]));
  const label = (name) => (units.get(name) ? name + ' (' + units.get(name) + ')' : name);
  const state = { x: axes[0], y: axes[1] ?? axes[0], colour: '', logs: true, all: true, box: null };
  const byId = (id) => document.getElementById(id);
  const si = d3.format('.4~s');
  const value = (number) =>
    typeof number === 'number' && !Number.isInteger(number) ? si(number) : String(number ?? '');

  function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, content] of Object.entries(attributes)) made.setAttribute(name, content);
    return made;
  }

  function control(title, key, choices) {
    const outer = element('label', title + ' ');
    const select = element('select', undefined, { name: key });
    for (const [text, content] of choices) {
      const option = element('option', text, { value: content });
      if (content === state[key]) option.setAttribute('selected', '');
      select.append(option);
    }
    select.addEventListener('change', () => change(key, select.value));
    outer.append(select);
    return outer;
  }

  function toggle(title, key) {
    const outer = element('label', ' ' + title);
    const box = element('input', undefined, { type: 'checkbox', name: key });
    box.checked = state[key];
    box.addEventListener('change', () => change(key, box.checked));
    outer.prepend(box);
    return outer;
  }

  function change(key, content) {
    state[key] = content;
    state.box = null;
    draw();
  }

  /** Points that the axes have values for. */
  function shown() {
    return points.filter(
      (point) =>
        (state.all || point.front) && typeof point[state.x] === 'number' && typeof point[state.y] === 'number',
    );
  }

  function chosen() {
    if (state.box === null) return points.filter((point) => point.front);
    const [x0, x1, y0, y1] = state.box;
    return shown().filter(
      (point) => point[state.x] >= x0 && point[state.x] <= x1 && point[state.y] >= y0 && point[state.y] <= y1,
    );
  }

  function scatter() {
    const list = shown();
    const positive = (name) => list.every((point) => point[name] > 0);
    const type = (name) => (state.logs && positive(name) ? 'log' : 'linear');
    const colour = state.colour === '' ? undefined : (point) => point[state.colour];
    const words = (point) =>
      ['point ' + point.id, ...objectiveNames.map((name) => label(name) + ': ' + value(point[name])),
        ...data.parameters.map((name) => name + ': ' + value(point[name]))].join('\n');
    const others = list.filter((point) => !point.front);
    const front = list.filter((point) => point.front);
    const svg = Plot.plot({
      width: 880, height: 460, marginLeft: 70, grid: true, inset: 8,
      x: { type: type(state.x), label: label(state.x), tickFormat: '~s' },
      y: { type: type(state.y), label: label(state.y), tickFormat: '~s' },
      color: { legend: colour !== undefined, label: state.colour, scheme: 'viridis' },
      marks: [
        Plot.dot(others, { x: state.x, y: state.y, r: 2, fill: colour ?? 'var(--other)', fillOpacity: 0.6 }),
        Plot.dot(front, { x: state.x, y: state.y, r: 5, fill: colour ?? 'var(--front)', stroke: 'var(--front)' }),
        Plot.tip(list, Plot.pointer({ x: state.x, y: state.y, title: words })),
      ],
    });
    byId('scatter').replaceChildren(svg);
    brush(svg);
  }

  /** Dragging chooses; the plot's own pointer keeps working below. */
  function brush(figure) {
    const svg = figure.tagName.toLowerCase() === 'svg' ? figure : figure.querySelector('svg:last-of-type');
    const [x, y] = ['x', 'y'].map((name) => figure.scale(name));
    const area = d3.brush().extent([[x.range[0] - 8, y.range[1] - 8], [x.range[1] + 8, y.range[0] + 8]]).on('end', ({ selection }) => {
      state.box = selection && [
        x.invert(selection[0][0]), x.invert(selection[1][0]), y.invert(selection[1][1]), y.invert(selection[0][1]),
      ];
      listing();
      parallel();
    });
    const layer = d3.select(svg).append('g').call(area);
    // Pointing goes on to the plot, which shows what is under it.
    layer.select('.overlay').on('pointermove.tip', (event) => svg.dispatchEvent(new PointerEvent('pointermove', event)));
  }

  const commandOf = (point) => 'systole emit --from ' + data.folder + ' --point ' + point.id + ' --out hw';

  function copyButton(point) {
    const button = element('button', 'copy emit command', { type: 'button', title: commandOf(point) });
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(commandOf(point));
        button.textContent = 'copied';
      } catch {
        // Pages from files may not write to the clipboard: the command is shown to be copied by hand.
        button.replaceWith(element('code', commandOf(point)));
      }
    });
    return button;
  }

  function listing() {
    const list = chosen().sort((a, b) => a[objectiveNames[0]] - b[objectiveNames[0]]);
    byId('chosen').textContent =
      list.length + (state.box === null ? ' on the front' : ' chosen') + (list.length > 200 ? '; the first 200' : '');
    const columns = [...objectiveNames, ...data.parameters];
    const head = element('tr');
    for (const name of ['point', '', ...columns.map(label)]) head.append(element('th', name));
    const table = element('table');
    table.append(head);
    for (const point of list.slice(0, 200)) {
      const row = element('tr', undefined, point.front ? { class: 'on' } : {});
      const cell = element('td');
      cell.append(copyButton(point));
      row.append(element('td', point.id), cell);
      for (const name of columns) row.append(element('td', value(point[name])));
      table.append(row);
    }
    byId('table').replaceChildren(table);
  }

  function parallel() {
    const names = [...objectiveNames, ...data.parameters];
    const scales = new Map(names.map((name) => {
      const all = [...new Set(points.map((point) => point[name]))].filter((x) => x !== null);
      if (!numeric(name)) return [name, (x) => all.indexOf(x) / Math.max(1, all.length - 1)];
      const positive = all.every((x) => x > 0);
      const at = positive ? Math.log : (x) => x;
      const [low, high] = d3.extent(all.map(at));
      return [name, (x) => (high > low ? (at(x) - low) / (high - low) : 0.5)];
    }));
    const list = chosen().slice(0, 500);
    const lines = list.flatMap((point) =>
      names.map((name) => ({ id: point.id, name, at: scales.get(name)(point[name]), front: point.front, text: value(point[name]) })),
    );
    const ends = names.flatMap((name) => {
      const sorted = [...points].filter((point) => point[name] !== null).sort((a, b) => scales.get(name)(a[name]) - scales.get(name)(b[name]));
      return [{ name, at: 0, text: value(sorted[0]?.[name]) }, { name, at: 1, text: value(sorted.at(-1)?.[name]) }];
    });
    byId('parallel').replaceChildren(Plot.plot({
      width: 1000, height: 320, marginLeft: 60, marginRight: 60, marginTop: 30, marginBottom: 60,
      x: { type: 'point', domain: names, label: null, tickRotate: -20 },
      y: { axis: null, domain: [0, 1] },
      marks: [
        Plot.ruleX(names, { stroke: 'var(--line)' }),
        Plot.line(lines, { x: 'name', y: 'at', z: 'id', stroke: (line) => (line.front ? 'var(--front)' : 'var(--other)'), strokeOpacity: 0.6 }),
        Plot.text(ends, { x: 'name', y: 'at', text: 'text', textAnchor: 'end', dx: -4, fontSize: 10 }),
        Plot.tip(lines, Plot.pointer({ x: 'name', y: 'at', title: (line) => 'point ' + line.id + ', ' + line.name + ': ' + line.text })),
      ],
    }));
  }

  function sensitivity() {
    const table = element('table');
    const head = element('tr');
    const objectives = [...new Set(data.sensitivity.map(({ objective }) => objective))];
    for (const name of ['parameter', ...objectives]) head.append(element('th', name));
    table.append(head);
    for (const parameter of data.parameters) {
      const row = element('tr');
      row.append(element('td', parameter));
      for (const objective of objectives) {
        const found = data.sensitivity.find((s) => s.parameter === parameter && s.objective === objective);
        const means = found.values.map((group) => group.value + ': ' + value(group.mean)).join('\n');
        row.append(element('td', (100 * found.share).toFixed(1) + ' %', {
          title: 'mean ' + objective + ' at\n' + means,
          style: 'background: rgb(var(--cell) / ' + (0.6 * found.share).toFixed(3) + ')',
        }));
      }
      table.append(row);
    }
    byId('sensitivity').replaceChildren(table);
  }

  function draw() {
    scatter();
    listing();
    parallel();
  }

  byId('axes').append(
    control('x', 'x', axes.map((name) => [label(name), name])),
    control('y', 'y', axes.map((name) => [label(name), name])),
    control('colour', 'colour', [['front', ''], ...[...data.parameters, ...metricNames].map((name) => [name, name])]),
    toggle('logarithmic', 'logs'),
    toggle('points off the front', 'all'),
  );
  sensitivity();
  draw();
})();
`;
