// Between HTML and the document. What is read is never put into the page: it is parsed in a document of its own, which runs nothing and
// loads nothing. What is written is built from the nodes' known fields.
import { DOMParser as Reader, Fragment } from 'prosemirror-model'
import { quiet } from './quiet.js'
import { schema, bareHTML, idOf, mayLink } from './schema.js'

const reader = Reader.fromSchema(schema)
export const inert = html => new DOMParser().parseFromString(quiet(html), 'text/html').body

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\u00A0': '&nbsp;' }
const text = s => s.replace(/[&<>\u00A0]/g, c => entities[c])
const value = s => String(s).replace(/[&"\u00A0]/g, c => c === '"' ? '&quot;' : entities[c])
const open = (name, attrs = {}) => '<' + name + Object.entries(attrs).map(([k, v]) => v === null || v === undefined || v === '' ? '' : ` ${k}="${value(v)}"`).join('') + '>'
const element = (name, attrs, inner) => inner ? open(name, attrs) + inner + `</${name}>` : ''
export const visible = s => /[^\s\u200B\u00AD\uFEFF\u2060]/.test(s)

const markTags = { inlinecode: 'code' }
const markOrder = ['href', 'rel', 'hreflang', 'class', 'title', 'datetime', 'lang', 'dir']
const openMark = mark => open(markTags[mark.type.name] ?? mark.type.name, Object.fromEntries(markOrder.filter(k => mark.attrs[k] != null).map(k => [k, mark.attrs[k]])))
const closeMark = mark => `</${markTags[mark.type.name] ?? mark.type.name}>`

// inline is running text: marks that go on from one piece to the next stay open.
function inline(node) {
  let out = ''
  let marks = []
  node.forEach(child => {
    let same = 0
    while (same < marks.length && same < child.marks.length && child.marks[same].eq(marks[same])) same++
    while (marks.length > same) out += closeMark(marks.pop())
    for (const mark of child.marks.slice(same)) { marks.push(mark); out += openMark(mark) }
    out += child.isText ? text(child.text) : child.type.name === 'br' ? '<br>' : child.attrs.html
  })
  while (marks.length) out += closeMark(marks.pop())
  return visible(node.textContent) ? out.replace(/(?:<br>)+$/, '') : ''
}

const children = node => { let out = ''; node.forEach(child => { out += write(child) }); return out }

// bare leaves off the paragraph of an item or cell that holds one only, or one before further lists.
function bare(node) {
  let alone = node.firstChild?.type.name === 'paragraph' && !node.firstChild.attrs.lang && !node.firstChild.attrs.dir
  node.forEach((child, _, i) => { if (i && !/^[uo]l$/.test(child.type.name)) alone = false })
  let out = ''
  node.forEach((child, _, i) => { out += alone && !i ? inline(child) : write(child) })
  return out
}

const said = node => ({ lang: node.attrs.lang, dir: node.attrs.dir })

function image({ attrs }) {
  const img = attrs.media ? `<img data-media="${value(attrs.media)}" alt="${value(attrs.alt)}">` : ''
  return attrs.href && mayLink(attrs.href) ? element('a', { href: attrs.href, rel: attrs.rel }, img) : img
}

function picture(node) {
  const img = image(node)
  const credit = node.attrs.credit ? `<span class="credit">${text(node.attrs.credit)}</span>` : ''
  const caption = [inline(node), credit].filter(Boolean).join(' ')
  if (node.attrs.bare && !caption) return img
  return img && element('figure', { class: node.attrs.size, ...said(node) }, img + element('figcaption', {}, caption))
}

function statement(node) {
  const { speaker, role, source, asked, answered } = node.attrs
  const time = (name, t) => t?.at ? `<span class="${name}">${text(t.before)}${open('time', { datetime: t.at })}${text(t.text)}</time>${text(t.after)}</span>` : ''
  const footer = element('cite', {}, text(speaker)) + element('span', { class: 'role' }, text(role)) + element('span', {}, text(source)) + time('asked', asked) + time('answered', answered)
  const words = children(node)
  return words && element('blockquote', { class: 'statement', ...said(node) }, words + element('footer', {}, footer))
}

function table(node) {
  const part = { head: '', body: '' }
  node.forEach(row => { part[row.attrs.head && !part.body ? 'head' : 'body'] += '<tr>' + children(row) + '</tr>' })
  return node.textContent.trim() || holdsPicture(node) ? element('table', said(node), element('thead', {}, part.head) + element('tbody', {}, part.body)) : ''
}

function holdsPicture(node) {
  let found = false
  node.descendants(child => { found ||= child.type.name === 'picture' || child.type.name === 'asis' })
  return found
}

const cell = name => node => {
  const { class: kind, colspan, rowspan, scope } = node.attrs
  return open(name, { class: kind, ...said(node), scope, colspan: colspan > 1 ? colspan : null, rowspan: rowspan > 1 ? rowspan : null }) + bare(node) + `</${name}>`
}

const writers = {
  paragraph: node => element('p', said(node), inline(node)),
  heading: node => element(`h${node.attrs.level}`, said(node), inline(node)),
  ul: node => element('ul', said(node), children(node)),
  ol: node => element('ol', { class: node.attrs.class, ...said(node), start: node.attrs.start > 1 ? node.attrs.start : null }, children(node)),
  item: node => element('li', {}, bare(node)),
  quote: node => element('blockquote', { class: node.attrs.class, ...said(node) }, children(node)),
  footer: node => element('footer', {}, inline(node)),
  statement, picture, table,
  gallery: node => element('figure', { class: 'gallery', ...said(node) }, children(node)),
  tablefigure: node => visible(node.textContent) || holdsPicture(node) ? element('figure', { class: 'table', ...said(node) }, children(node)) : '',
  caption: node => element('figcaption', said(node), inline(node)),
  source: node => element('p', { class: 'source', ...said(node) }, inline(node)),
  cell: cell('td'), header: cell('th'),
  code: node => element('pre', said(node), node.attrs.bare ? inline(node) : element('code', {}, inline(node))),
  rule: () => '<hr>',
  file: node => element('p', { class: 'file', ...said(node) }, element('a', { 'data-media': node.attrs.media }, inline(node))),
  asis: node => node.attrs.html,
}

function write(node) { return writers[node.type.name](node) }

// Nodes never change, so each is written once; one that was read and not touched is given back as it came.
const written = new WeakMap()
export function htmlOf(node) {
  let html = written.get(node)
  if (html === undefined) written.set(node, html = write(node))
  return html
}

const withID = ({ id, html }) => id ? html.replace(/^<\w+/, tag => `${tag} id="p-${id}"`) : html

// blocksOf lists what a save would keep: a block that shows nothing isn't one.
export function blocksOf(doc) {
  const out = []
  doc.forEach(node => { const html = htmlOf(node); if (html) out.push({ id: node.attrs.id ?? '', html }) })
  return out
}

export const documentHTML = doc => blocksOf(doc).map(withID).join('\n\n')

// Elements that only stand around blocks.
const furniture = /^(DIV|SECTION|ARTICLE|MAIN|HEADER|ASIDE|NAV|ADDRESS|CENTER|FORM|FIELDSET|DETAILS|HGROUP)$/
const blocky = /^(P|H[1-6]|UL|OL|BLOCKQUOTE|FIGURE|TABLE|PRE|HR|FOOTER|FIGCAPTION|IMG|IFRAME|VIDEO|AUDIO|OBJECT|EMBED|SCRIPT|STYLE|TEMPLATE|NOSCRIPT|MENU|DL|SVG|MATH|TEXTAREA|SELECT)$/i

// readBlocks makes nodes of a source, one for each of its blocks.
export function readBlocks(html) {
  const out = []
  pour(inert(html), out)
  return out
}

function pour(parent, out) {
  let run = null
  const loose = () => run ??= parent.ownerDocument.createElement('p')
  const flush = () => { if (run && visible(run.textContent)) out.push(...nodesOf(run)); run = null }
  for (const child of [...parent.childNodes]) {
    if (child.nodeType === 3) {
      child.data.split(/\n[^\S\n]*\n/).forEach((part, i) => { if (i) flush(); loose().append(part) })
    } else if (child.nodeType === 1 && furniture.test(child.nodeName)) {
      flush()
      pour(child, out)
    } else if (child.nodeType === 1 && blocky.test(child.nodeName)) {
      flush()
      out.push(...nodesOf(child))
    } else if (child.nodeType === 1) {
      loose().append(child)
    }
  }
  flush()
}

// nodesOf reads one element. What the document would lose or change of it stays as it is, in a block that can't be written in.
function nodesOf(el) {
  const source = bareHTML(el)
  const into = el.ownerDocument.createElement('div')
  into.append(el)
  const captions = captioned(into)
  const doc = reader.parse(into)
  captions.forEach(added => added.remove())
  const node = doc.firstChild
  if (doc.childCount === 1 && node.type.name !== 'asis') {
    const html = htmlOf(node)
    if (html === source || html && shape(inert(html)) === shape(into)) {
      written.set(node, source)
      return [node]
    }
    if (!html && !visible(el.textContent) && !el.querySelector('img, iframe, video, audio, object, embed')) return []
  }
  return [schema.nodes.asis.create({ id: idOf(el), html: source })]
}

// captioned gives tables their empty captions, for the reader fills in what is missing after a table, not before it.
export function captioned(into) {
  const bare = [...into.querySelectorAll('figure.table')].filter(figure => figure.firstElementChild?.nodeName === 'TABLE')
  return bare.map(figure => {
    const caption = into.ownerDocument.createElement('figcaption')
    figure.prepend(caption)
    return caption
  })
}

const notable = ['href', 'rel', 'hreflang', 'title', 'datetime', 'scope', 'colspan', 'rowspan', 'start', 'data-media', 'alt', 'lang', 'dir']
const classes = /^(embed|file|source|footnotes|pull|statement|table|gallery|missing|credit|n|wide|small|role|asked|answered)$/
const inlines = { B: 'STRONG', STRONG: 'STRONG', I: 'EM', EM: 'EM', S: 'S', STRIKE: 'S', DEL: 'DEL', INS: 'INS', SUP: 'SUP', SUB: 'SUB', CITE: 'CITE', Q: 'Q', ABBR: 'ABBR', TIME: 'TIME', A: 'A', SPAN: 'SPAN', CODE: 'CODE', KBD: 'CODE', SAMP: 'CODE', TT: 'CODE' }
const leaves = /^(BR|HR|IMG|RUBY|IFRAME|VIDEO|AUDIO|OBJECT|EMBED|SVG|MATH)$/i
const stacked = /^(DIV|BODY|UL|OL|BLOCKQUOTE|FIGURE|TABLE|THEAD|TBODY|TR)$/

// shape says what an element shows, whatever its source looks like: two sources of one shape mean the same to readers.
function shape(root) {
  const out = []
  let run = ''
  let around = ''
  const flush = () => { if (visible(run)) out.push(run.replace(/\s+/g, ' ').trim() + around); run = '' }
  const say = (words, marks) => { if (marks !== around) { if (run.trim()) flush(); else if (!run) around = marks } around = marks; run += words }
  const name = el => (inlines[el.nodeName] ?? el.nodeName) + notable.map(k => el.hasAttribute(k) ? ` ${k}=${el.getAttribute(k)}` : '').join('') + [...el.classList].filter(c => classes.test(c)).map(c => ' .' + c).join('')
  const walk = (el, marks, pre) => {
    for (const child of el.childNodes) {
      if (child.nodeType === 3) {
        if (stacked.test(el.nodeName) && !visible(child.data)) continue
        say(pre ? child.data.replace(/\n/g, '⏎') : child.data, marks)
      } else if (child.nodeType !== 1) {
        continue
      } else if (leaves.test(child.nodeName)) {
        flush(); out.push(name(child) + (child.nodeName === 'RUBY' ? child.innerHTML : ''))
      } else if (inlines[child.nodeName]) {
        const plain = !child.attributes.length && child.nodeName === 'SPAN' && !child.closest('footer')
        walk(child, plain ? marks : [...new Set([...marks.split('|'), name(child)])].sort().join('|'), pre)
      } else if (child.nodeName === 'P' && !child.attributes.length && child === el.firstElementChild && /^(LI|TD|TH)$/.test(el.nodeName)) {
        walk(child, marks, pre); flush()
      } else {
        flush(); out.push('<' + name(child)); walk(child, marks, pre || child.nodeName === 'PRE'); flush(); out.push('>')
      }
    }
  }
  walk(root, '', false)
  flush()
  return out.join('\u0000')
}

// same tells whether two blocks' HTML mean the same: the server writes quotes and void elements in its own way.
export const same = (a, b) => a === b || shape(inert(a)) === shape(inert(b))

export function documentOf(html) {
  const nodes = readBlocks(html)
  return schema.node('doc', null, Fragment.from(nodes.length ? nodes : schema.node('paragraph')))
}
