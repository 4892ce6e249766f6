// Elements are made one by one and text is set as text: nothing from a snapshot is ever read as markup.
function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key === 'class') e.className = value;
    else if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
    else e.setAttribute(key, value === true ? '' : value);
  }
  return fill(e, children);
}

// fill puts children into an element in place of what it has; what is null or false is nobody.
function fill(e, children) {
  e.replaceChildren(...children.flat(3).filter(c => c !== null && c !== undefined && c !== false));
  return e;
}

const data = JSON.parse(document.getElementById('data').textContent);

const marks = {exact: '✓', inert: '–', narrows: '−', closes: '−', opens: '+', both: '±', refused: '×', unknown: '?'};
const words = {exact: 'exact', inert: 'without effect', narrows: 'narrower', closes: 'more closed', opens: 'more open',
  both: 'more open and more closed', refused: 'refused', unknown: 'not known', same: 'the same'};

function tag(kind, text) {
  return h('span', {class: 'tag ' + kind}, h('span', {'aria-hidden': 'true'}, marks[kind] || ''), ' ', text || words[kind] || kind);
}

function plural(n, one) {
  return n === 1 ? '1 ' + one : grouped(n) + ' ' + one + 's';
}

// grouped writes large numbers as the rest of the page does.
function grouped(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

const short = new Intl.NumberFormat('en', {notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 3});

// counted is a number that may be too large to be read.
function counted(n, one) {
  return n < 1e6 ? plural(n, one) : short.format(n) + ' ' + one + 's';
}

function objectText(o) {
  const name = o.name || '(no name)';
  return (o.kind ? o.kind + ' ' : '') + (o.namespace ? o.namespace + '/' + name : name);
}

function positionText(p) {
  return !p || !p.file ? '' : p.file + (p.line ? ':' + p.line : '') + (p.column ? ':' + p.column : '');
}

// filters calls back when something in a form of filters changes, a moment after the last key.
function filters(form, changed) {
  let later = 0;
  form.addEventListener('submit', e => e.preventDefault());
  form.addEventListener('input', () => {
    clearTimeout(later);
    later = setTimeout(changed, 60);
  });
  const fields = {};
  for (const f of form.querySelectorAll('[data-filter]')) fields[f.dataset.filter] = f;
  return fields;
}

function options(select, values) {
  for (const [value, text] of values) select.append(h('option', {value}, text));
}

// reveal brings a part of the page into view and moves the focus there.
function reveal(e) {
  e.scrollIntoView({block: 'start'});
  e.focus({preventScroll: true});
}
