const wide = matchMedia('(min-width: 860px)');

// sideBySide draws the sources of a policy beside its outputs, lines that say the same in one row, with each finding below
// its line. On a narrow screen the outputs come after the sources. Each line has a name in the page, so that rules that
// are named elsewhere lead to it.
function sideBySide(e, estate) {
  const prefix = 'line-' + estate + '-' + e.n + '-', s = prefix + 's', o = prefix + 'o';
  const left = lines(e.p.sources), right = lines(e.p.outputs);
  const at = new Map();
  for (const f of e.findings) at.set(f.line || 0, [...(at.get(f.line || 0) || []), f]);
  const notes = n => (at.get(n) || []).map(f => h('tr', {class: 'noted'}, h('td', {colspan: wide.matches ? '4' : '2'}, finding(f))));
  const body = h('tbody', {}, notes(0));
  if (wide.matches) {
    for (const [a, b, same] of pairs(left, right, e.p.aligned)) {
      body.append(h('tr', {class: same ? 'same' : ''}, cells(a, s), cells(b, o)));
      if (a && a.n) body.append(...notes(a.n));
    }
    return h('div', {class: 'side'}, h('table', {class: 'lines'}, columns(2), heads(['Source', e.p.outputs.length ? 'Output' : 'Nothing is written']), body));
  }
  for (const a of left) body.append(h('tr', {}, cells(a, s)), ...(a.n ? notes(a.n) : []));
  const after = h('tbody', {}, right.map(b => h('tr', {}, cells(b, o))));
  return h('div', {class: 'side'}, h('table', {class: 'lines one'}, columns(1), heads(['Source']), body),
    right.length ? h('table', {class: 'lines one'}, columns(1), heads(['Output']), after) : h('p', {class: 'none'}, 'Nothing is written.'));
}

function heads(names) {
  return h('thead', {class: 'unseen'}, h('tr', {}, names.map(n => h('th', {scope: 'col', colspan: '2'}, n))));
}

function columns(sides) {
  return h('colgroup', {}, Array.from({length: sides}, () => [h('col', {class: 'n'}), h('col', {})]));
}

// lines are those of all texts, each text with its name in front; n counts them from 1, without the names.
function lines(texts) {
  const out = [];
  let n = 0;
  for (const t of texts) {
    out.push({head: objectText(t.object), where: positionText(t.position)});
    for (const text of t.text.replace(/\n$/, '').split('\n')) out.push({n: ++n, text});
  }
  return out;
}

// pairs puts the lines into rows: those that say the same together, and between them what there is on either side.
function pairs(left, right, aligned) {
  const rows = [];
  let i = 0, j = 0;
  const until = (a, b) => {
    while (i < a || j < b) rows.push([i < a ? left[i++] : null, j < b ? right[j++] : null, false]);
  };
  const indexOf = (list, from, n) => {
    while (from < list.length && list[from].n !== n) from++;
    return from;
  };
  for (const [a, b] of aligned) {
    until(indexOf(left, i, a), indexOf(right, j, b));
    if (i < left.length && j < right.length) rows.push([left[i++], right[j++], true]);
  }
  until(left.length, right.length);
  return rows;
}

function cells(line, prefix) {
  if (!line) return [h('td', {class: 'num'}), h('td', {class: 'empty'})];
  if (line.head) return [h('td', {class: 'num'}), h('td', {class: 'head'}, line.head, line.where && h('span', {class: 'pos'}, ' ' + line.where))];
  const [, indent, key, rest] = /^(\s*(?:- )*)([^\s:'"#][^:]*:(?=\s|$))?(.*)$/.exec(line.text) || [null, '', '', line.text];
  const code = h('td', {class: 'code', id: prefix + line.n}, indent, key && h('b', {}, key), rest), hang = indent.length + 2;
  code.style.paddingLeft = 'calc(.7rem + ' + hang + 'ch)';
  code.style.textIndent = -hang + 'ch';
  return [h('td', {class: 'num', 'aria-hidden': 'true'}, String(line.n)), code];
}

function finding(f) {
  return h('div', {class: 'finding ' + f.effect}, h('p', {}, tag(f.effect), ' ', f.acceptance ? [h('span', {class: 'tag accepted'}, 'accepted'), ' '] : '',
    h('code', {}, f.code), ' ', f.message),
    f.hint && h('p', {class: 'hint'}, f.hint), (f.related || []).map(r => h('p', {class: 'hint'}, positionText(r.position) + ': ' + r.message)));
}
