const articles = [...document.querySelectorAll('article.estate')];
const drawn = [];

// drawEstate draws what is not in the HTML of an estate, once.
function drawEstate(n) {
  if (drawn[n]) return drawn[n];
  const estate = data.estates[n], article = articles[n];
  const policies = new Policies(article, estate);
  const matrix = new Matrix(article, estate);
  differencesList(article.querySelector('[data-part=matrix]'), estate, n);
  article.addEventListener('click', event => {
    const link = event.target.closest('[data-object], [data-code]');
    if (!link) return;
    event.preventDefault();
    if (link.dataset.object) policies.find(link.dataset.object);
    else policies.pick({code: link.dataset.code});
  });
  return drawn[n] = {policies, matrix};
}

let current = 0;

function showEstate(n) {
  current = n;
  articles.forEach((a, i) => a.hidden = i !== n);
  drawEstate(n);
  const pick = document.getElementById('pick');
  if (pick) pick.value = String(n);
}

document.addEventListener('click', event => {
  const link = event.target.closest('[data-show], nav [data-part]');
  if (!link) return;
  event.preventDefault();
  if (link.dataset.show) {
    showEstate(Number(link.dataset.show));
    reveal(articles[current].querySelector('[data-part=score]'));
  } else reveal(articles[current].querySelector('[data-part=' + link.dataset.part + ']'));
});

const pick = document.getElementById('pick');
if (pick) pick.addEventListener('change', () => showEstate(Number(pick.value)));

// Paper shows all of it: every estate, and what is folded.
addEventListener('beforeprint', () => {
  articles.forEach((a, i) => {
    a.hidden = false;
    drawEstate(i);
  });
  for (const d of document.querySelectorAll('details:not([open]):not(.policy)')) {
    d.open = true;
    if (d.draw) d.draw();
    d.dataset.printed = '';
  }
});
addEventListener('afterprint', () => {
  articles.forEach((a, i) => a.hidden = i !== current);
  for (const d of document.querySelectorAll('[data-printed]')) {
    d.open = false;
    delete d.dataset.printed;
  }
});

// The tab of the part that is being read is marked.
const seen = new IntersectionObserver(entries => {
  for (const e of entries) e.target.dataset.seen = e.isIntersecting ? '1' : '';
  const first = articles.length && articles[current].querySelector('section[data-seen="1"]');
  for (const a of document.querySelectorAll('nav a[data-part]')) {
    if (first && a.dataset.part === first.dataset.part) {
      a.setAttribute('aria-current', 'true');
      a.parentNode.scrollLeft = a.offsetLeft - a.parentNode.offsetLeft - 16; // on a narrow screen the tabs scroll
    } else a.removeAttribute('aria-current');
  }
}, {rootMargin: '-80px 0px -55% 0px'});
for (const s of document.querySelectorAll('section[data-part]')) seen.observe(s);

if (articles.length) showEstate(0);
new Places(n => {
  if (!articles[n]) return null;
  if (n !== current) showEstate(n);
  return drawn[n].policies;
});
document.documentElement.dataset.drawn = '';
