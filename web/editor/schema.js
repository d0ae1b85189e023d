// What a text may hold: the content model of the server's package markup, as ProseMirror knows it. Every attribute is taken by name,
// so nothing that isn't listed here gets from a source into the document.
import { Schema } from 'prosemirror-model'
import { t } from './words.js'
import { readPicture, readBarePicture, captionOf, readGallery, readTableFigure, readStatement } from './figures.js'

const attribute = (name, value = null) => ({ [name]: { default: value } })
const spoken = { ...attribute('lang'), ...attribute('dir') }
const block = { ...attribute('id'), ...spoken }

export const idOf = el => /^p-[a-z]{8}$/.test(el.id) ? el.id.slice(2) : null
const says = el => ({ lang: el.getAttribute('lang'), dir: el.getAttribute('dir') })
const known = (el, ...classes) => classes.find(c => el.classList.contains(c)) ?? null
const whole = el => ({ id: idOf(el), ...says(el) })
const count = (el, name, otherwise = null) => /^[1-9]\d{0,5}$/.test(el.getAttribute(name) || '') ? +el.getAttribute(name) : otherwise

// Each block finds its own direction while it is written, whatever the article's.
const shown = (node, more = {}) => {
  const out = { dir: node.attrs.dir || 'auto' }
  if (node.attrs.lang) out.lang = node.attrs.lang
  for (const [name, value] of Object.entries(more)) if (value !== null && value !== '' && value !== 1) out[name] = value
  return out
}

const cell = name => ({
  content: 'incell+', isolating: true,
  attrs: { ...spoken, ...attribute('colspan', 1), ...attribute('rowspan', 1), ...attribute('class'), ...attribute('scope') },
  parseDOM: [{
    tag: name,
    getAttrs: el => ({ ...says(el), colspan: count(el, 'colspan', 1), rowspan: count(el, 'rowspan', 1), class: known(el, 'n'), scope: name === 'th' ? el.getAttribute('scope') : null }),
  }],
  toDOM: node => [name, shown(node, { class: node.attrs.class, scope: node.attrs.scope, colspan: node.attrs.colspan, rowspan: node.attrs.rowspan }), 0],
})

const list = (name, more) => ({
  group: 'block flow incell', content: 'item+', attrs: { ...block, ...more },
  parseDOM: [{ tag: name, getAttrs: el => ({ ...whole(el), ...(name === 'ol' ? { start: count(el, 'start'), class: known(el, 'footnotes') } : {}) }) }],
  toDOM: node => [name, shown(node, { start: node.attrs.start, class: node.attrs.class }), 0],
})

const nodes = {
  doc: { content: 'block+' },
  paragraph: {
    group: 'block flow incell', content: 'inline*', attrs: block,
    parseDOM: [{ tag: 'p', getAttrs: el => known(el, 'embed', 'file') ? false : whole(el) }],
    toDOM: node => ['p', shown(node), 0],
  },
  heading: {
    group: 'block', content: 'inline*', defining: true, attrs: { ...block, ...attribute('level', 2) },
    parseDOM: [[1, 2], [2, 2], [3, 3], [4, 4], [5, 4], [6, 4]].map(([of, level]) => ({ tag: `h${of}`, getAttrs: el => ({ ...whole(el), level }) })),
    toDOM: node => [`h${node.attrs.level}`, shown(node), 0],
  },
  ul: list('ul', {}),
  ol: list('ol', { ...attribute('start'), ...attribute('class') }),
  item: { content: 'paragraph flow*', defining: true, parseDOM: [{ tag: 'li' }], toDOM: () => ['li', 0] },
  statement: {
    group: 'block flow', content: '(paragraph | ul | ol)+', defining: true,
    attrs: { ...block, ...attribute('speaker', ''), ...attribute('role', ''), ...attribute('source', ''), ...attribute('asked'), ...attribute('answered') },
    parseDOM: [{ tag: 'blockquote.statement', priority: 60, getAttrs: el => { const said = readStatement(el); return said && { ...whole(el), ...said } } }],
    toDOM: node => ['blockquote', shown(node, { class: 'statement' }), 0],
  },
  quote: {
    group: 'block flow incell', content: 'flow+ footer?', defining: true, attrs: { ...block, ...attribute('class') },
    parseDOM: [{ tag: 'blockquote', getAttrs: el => ({ ...whole(el), class: known(el, 'pull', 'statement') }) }],
    toDOM: node => ['blockquote', shown(node, { class: node.attrs.class }), 0],
  },
  footer: {
    content: 'inline*', isolating: true,
    parseDOM: [{ tag: 'footer', context: 'statement/', ignore: true }, { tag: 'footer', context: 'quote/' }],
    toDOM: () => ['footer', { dir: 'auto' }, 0],
  },
  picture: {
    group: 'block flow incell', content: 'inline*', isolating: true, draggable: true,
    attrs: { ...block, ...attribute('media'), ...attribute('alt', ''), ...attribute('credit', ''), ...attribute('size'), ...attribute('href'), ...attribute('rel'), ...attribute('bare', false) },
    parseDOM: [
      { tag: 'figure', priority: 60, getAttrs: el => { const seen = readPicture(el); return seen && { ...whole(el), ...seen } }, contentElement: captionOf },
      { tag: 'img[data-media], a', context: 'gallery/', priority: 60, getAttrs: readBarePicture, contentElement: captionOf },
    ],
    toDOM: node => ['figure', shown(node), 0],
  },
  gallery: {
    group: 'block flow', content: 'picture+ caption', isolating: true, attrs: block,
    parseDOM: [{ tag: 'figure.gallery', priority: 60, getAttrs: el => readGallery(el) && whole(el) }],
    toDOM: node => ['figure', shown(node, { class: 'gallery' }), 0],
  },
  tablefigure: {
    group: 'block flow', content: 'caption table source', isolating: true, attrs: block,
    parseDOM: [{ tag: 'figure.table', priority: 60, getAttrs: el => readTableFigure(el) && whole(el) }],
    toDOM: node => ['figure', shown(node, { class: 'table' }), 0],
  },
  caption: {
    content: 'inline*', isolating: true, attrs: spoken,
    parseDOM: [{ tag: 'figcaption', context: 'gallery/|tablefigure/', getAttrs: says }],
    toDOM: node => ['figcaption', shown(node, { 'data-ghost': t('caption') }), 0],
  },
  source: {
    content: 'inline*', isolating: true, attrs: spoken,
    parseDOM: [{ tag: 'p.source', context: 'tablefigure/', priority: 60, getAttrs: says }],
    toDOM: node => ['p', shown(node, { class: 'source', 'data-ghost': t('source') }), 0],
  },
  table: {
    group: 'block flow', content: 'row+', isolating: true, attrs: block,
    parseDOM: [{ tag: 'table', getAttrs: whole }],
    toDOM: node => ['table', shown(node), ['tbody', 0]],
  },
  row: {
    content: '(cell | header)+', attrs: attribute('head', false),
    parseDOM: [{ tag: 'tr', getAttrs: el => ({ head: el.parentNode.nodeName === 'THEAD' }) }],
    toDOM: () => ['tr', 0],
  },
  cell: cell('td'),
  header: cell('th'),
  code: {
    group: 'block flow incell', content: 'text*', code: true, defining: true, attrs: { ...block, ...attribute('bare', false) },
    parseDOM: [{ tag: 'pre', preserveWhitespace: 'full', getAttrs: el => ({ ...whole(el), bare: el.firstElementChild?.nodeName !== 'CODE' }), contentElement: el => onlyCode(el) || el }],
    toDOM: node => ['pre', shown(node, { spellcheck: 'false' }), ['code', 0]],
  },
  rule: { group: 'block flow', attrs: block, parseDOM: [{ tag: 'hr', getAttrs: whole }], toDOM: () => ['hr'] },
  // A document or sound that is handed over: its title is written here, its kind and size the server adds.
  file: {
    group: 'block flow incell', content: 'text*', marks: '', defining: true, attrs: { ...block, ...attribute('media') },
    parseDOM: [{ tag: 'p.file', priority: 60, getAttrs: el => { const link = fileLink(el); return link && { ...whole(el), media: link.dataset.media } }, contentElement: el => fileLink(el) || el }],
    toDOM: node => ['p', shown(node, { class: 'file' }), 0],
  },
  // What the other nodes can't hold is kept as it is.
  asis: {
    group: 'block flow incell', atom: true, draggable: true, attrs: { ...block, ...attribute('html', '') },
    parseDOM: [{ tag: 'p.embed, p.file, figure', priority: 55, getAttrs: el => ({ ...whole(el), html: bareHTML(el) }) }],
    toDOM: () => ['div', { class: 'asis' }],
  },
  text: { group: 'inline' },
  br: { group: 'inline', inline: true, selectable: false, linebreakReplacement: true, parseDOM: [{ tag: 'br' }], toDOM: () => ['br'], leafText: () => '\n' },
  ruby: {
    group: 'inline', inline: true, atom: true, attrs: { html: { default: '' } },
    parseDOM: [{ tag: 'ruby', getAttrs: el => ({ html: el.outerHTML }) }],
    toDOM: node => ['ruby', ...fragmentOf(node.attrs.html).map(([tag, text]) => tag ? [tag, text] : text)],
    leafText: node => fragmentOf(node.attrs.html).filter(([tag]) => !tag).map(([, text]) => text).join(''),
  },
}

function fileLink(p) {
  const link = p.firstElementChild
  return link?.matches('a[data-media]') && p.childNodes.length === 1 && !link.children.length && link
}

function onlyCode(pre) {
  const code = pre.firstElementChild
  return code?.nodeName === 'CODE' && !code.attributes.length && pre.childNodes.length === 1 ? code : null
}

// The element's source without its block id, which is an attribute of its own.
export function bareHTML(el) {
  const copy = el.cloneNode(true)
  if (idOf(copy)) copy.removeAttribute('id')
  return copy.outerHTML
}

const rubies = new Map()
function fragmentOf(html) {
  if (!rubies.has(html)) {
    const el = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild
    rubies.set(html, [...(el?.childNodes ?? [])].map(n => [n.nodeName === 'RT' ? 'rt' : '', n.textContent]))
  }
  return rubies.get(html)
}

// The addresses that articles may link to, as the server has them.
const address = /^(?:https?:\/\/[^\s\\]+|mailto:[^\s\\]+|\/(?:[^/\s\\][^\s\\]*)?|#[^\s\\]*)$/i
export const mayLink = href => address.test(href)

const mark = (tags, names = [], more = {}) => {
  const attrs = { ...spoken }
  for (const name of names) attrs[name] = { default: null }
  const read = el => ({ ...says(el), ...Object.fromEntries(names.map(name => [name, el.getAttribute(name)])) })
  return {
    attrs, parseDOM: tags.map(tag => ({ tag, getAttrs: read })),
    toDOM: m => [tags[0].replace(/\W.*/, ''), Object.fromEntries(Object.entries(m.attrs).filter(([, v]) => v !== null)), 0], ...more,
  }
}

// The order is that in which they nest, the outermost first.
const marks = {
  a: mark(['a'], ['href', 'rel', 'hreflang'], {
    inclusive: false,
    parseDOM: [{ tag: 'a[href]', getAttrs: el => { const href = el.getAttribute('href').trim(); return mayLink(href) && { href, rel: el.getAttribute('rel'), hreflang: el.getAttribute('hreflang'), ...says(el) } } }],
  }),
  q: mark(['q'], [], { excludes: '', attrs: { ...spoken, deep: { default: 0 } }, parseDOM: [{ tag: 'q', getAttrs: el => ({ ...says(el), deep: depthOf(el) }) }], toDOM: () => ['q', 0] }),
  span: mark(['span'], [], {
    excludes: '', inclusive: false, attrs: { ...spoken, class: { default: null } },
    parseDOM: [{ tag: 'span', getAttrs: el => el.lang || el.dir || known(el, 'credit', 'role', 'asked', 'answered') || el.closest('footer') ? { ...says(el), class: known(el, 'credit', 'role', 'asked', 'answered') } : false }],
  }),
  ins: mark(['ins']),
  del: mark(['del']),
  strong: mark(['strong', 'b']),
  em: mark(['em', 'i']),
  s: mark(['s', 'strike']),
  cite: mark(['cite'], [], { inclusive: false }),
  abbr: mark(['abbr'], ['title'], { inclusive: false }),
  time: mark(['time'], ['datetime'], { inclusive: false }),
  sup: mark(['sup'], [], { excludes: 'sup sub' }),
  sub: mark(['sub'], [], { excludes: 'sup sub' }),
  inlinecode: { ...mark(['code', 'kbd', 'samp', 'tt']), code: true },
}

function depthOf(el) {
  let deep = 0
  while ((el = el.parentElement?.closest('q'))) deep++
  return deep
}

export const schema = new Schema({ nodes, marks })
