// What comes from elsewhere: Word, Google Docs, Office.com, spreadsheets, web pages, plain text. Styles are read as the text of their
// attribute: the page's policy keeps the browser from reading them itself.
import { Plugin } from 'prosemirror-state'
import { Fragment, Slice } from 'prosemirror-model'
import { schema, mayLink } from './schema.js'
import { inert, visible } from './html.js'
import { quiet } from './quiet.js'

// The server takes a body of a megabyte.
const limit = 1_000_000

const patterns = {}
const pattern = property => patterns[property] ??= new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`, 'i')

// style is what an element's own style says of a property.
function style(el, property) {
  const said = el.getAttribute('data-style')
  return said && pattern(property).exec(said)?.[1].trim().toLowerCase() || ''
}

const all = (el, selector) => [...el.querySelectorAll(selector)]
const unwrap = el => el.replaceWith(...el.childNodes)
const rename = (el, name) => { const out = el.ownerDocument.createElement(name); out.append(...el.childNodes); el.replaceWith(out); return out }
const wrap = (el, name) => { const out = el.ownerDocument.createElement(name); out.append(...el.childNodes); el.append(out) }

export function clean(html) {
  if (html.includes('data-pm-slice')) return quiet(html)
  const body = inert(html)
  strip(body)
  wordLists(body)
  all(body, '[role=heading][aria-level]').forEach(el => rename(el, `h${Math.min(+el.getAttribute('aria-level') + 1, 4) || 2}`))
  looks(body)
  all(body, 'img').forEach(placeholder)
  empty(body)
  for (const el of all(body, '*')) for (const { name } of [...el.attributes]) if (!kept.has(name)) el.removeAttribute(name)
  return body.innerHTML
}

const kept = new Set(['href', 'rel', 'hreflang', 'lang', 'dir', 'title', 'datetime', 'colspan', 'rowspan', 'scope', 'start', 'data-media', 'alt', 'class'])

// strip takes out what is no part of the text.
function strip(body) {
  all(body, 'script, style, meta, link, title, noscript, template, colgroup, object, iframe[src=""], br.Apple-interchange-newline').forEach(el => el.remove())
  const comments = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT)
  const found = []
  while (comments.nextNode()) found.push(comments.currentNode)
  found.forEach(c => c.remove())
  all(body, '*').filter(el => el.nodeName.includes(':') || el.nodeName === 'FONT').forEach(unwrap)
  all(body, 'iframe, video, audio, embed').forEach(el => {
    const a = body.ownerDocument.createElement('a')
    a.href = el.getAttribute('src') || el.querySelector('source')?.getAttribute('src') || ''
    a.textContent = el.getAttribute('title') || a.getAttribute('href')
    const p = body.ownerDocument.createElement('p')
    p.append(a)
    el.replaceWith(...(a.getAttribute('href') ? [p] : []))
  })
}

// wordLists makes lists of Word's paragraphs, which only say their list and level in a style.
function wordLists(body) {
  let stack = []
  for (const p of all(body, 'p')) {
    const level = +(/level(\d+)/.exec(style(p, 'mso-list')) ?? [])[1]
    if (!level) continue
    const sign = all(p, 'span').find(s => /ignore/.test(style(s, 'mso-list')))
    const ordered = /^\(?(?:\d+|[a-z]|[ivxlc]+)[.)]/i.test((sign?.textContent ?? '').trim())
    sign?.remove()
    if (stack.length && p.previousElementSibling !== stack[0]) stack = []
    while (stack.length > level) stack.pop()
    while (stack.length < level) {
      const list = body.ownerDocument.createElement(ordered ? 'ol' : 'ul')
      if (stack.length) (stack.at(-1).lastElementChild ?? stack.at(-1).appendChild(body.ownerDocument.createElement('li'))).append(list)
      else p.before(list)
      stack.push(list)
    }
    const item = body.ownerDocument.createElement('li')
    item.append(...p.childNodes)
    stack.at(-1).append(item)
    p.remove()
  }
}

// looks makes marks of what is only styled, and takes away marks that a style undoes: Google Docs wraps everything in a <b> that isn't bold.
function looks(body) {
  all(body, 'b[id^=docs-internal-guid]').forEach(unwrap)
  all(body, 'b, strong').filter(el => /^(normal|400)$/.test(style(el, 'font-weight'))).forEach(unwrap)
  all(body, 'i, em').filter(el => style(el, 'font-style') === 'normal').forEach(unwrap)
  for (const el of all(body, 'span, p, li, td, th, div, a')) {
    // A heading is bold anyway.
    if (/^(bold|[6-9]00)$/.test(style(el, 'font-weight')) && !el.closest('h1, h2, h3, h4, h5, h6')) wrap(el, 'strong')
    if (style(el, 'font-style') === 'italic') wrap(el, 'em')
    if (/line-through/.test(style(el, 'text-decoration'))) wrap(el, 's')
    const vertical = style(el, 'vertical-align')
    if (el.nodeName === 'SPAN' && (vertical === 'super' || vertical === 'sub')) wrap(el, vertical === 'super' ? 'sup' : 'sub')
  }
  all(body, 'h1, h2, h3, h4, h5, h6').forEach(h => all(h, 'b, strong').forEach(unwrap))
  all(body, 'span').filter(el => !el.lang && !el.dir).forEach(unwrap)
  all(body, '[lang]').forEach(el => el.removeAttribute('lang')) // word processors name the language of every word
  all(body, '[class]').forEach(el => el.removeAttribute('class'))
}

const nameless = '🖼'

// placeholder stands where a picture from elsewhere was. Nothing is loaded from there.
function placeholder(img) {
  if (img.getAttribute('data-media')) return
  const doc = img.ownerDocument
  const src = img.getAttribute('src') || ''
  const remote = /^(https?:)?\/\//i.test(src)
  if (img.getAttribute('width') === '1' && img.getAttribute('height') === '1') return img.remove()
  const words = (img.getAttribute('alt') || '').trim() || (remote && decodeURI_(src.split(/[?#]/)[0].split('/').pop())) || nameless
  const around = img.closest('a[href]')
  const figure = doc.createElement('figure')
  const p = figure.appendChild(doc.createElement('p'))
  const a = doc.createElement('a')
  const href = remote ? src.replace(/^\/\//, 'https://') : around?.getAttribute('href') ?? ''
  figure.className = 'missing'
  if (mayLink(href)) { a.setAttribute('href', href); a.textContent = words; p.append(a) } else { p.textContent = words }
  // A figure can't stand in a line: it goes after the paragraph around it.
  const line = img.closest('p, h1, h2, h3, h4, h5, h6, pre') ?? around
  if (line) line.after(figure)
  else img.after(figure)
  img.remove()
  if (around && !visible(around.textContent)) around.remove()
}

function decodeURI_(s) { try { return decodeURIComponent(s) } catch { return s } }

// empty takes out what shows nothing, and the no-break space that Word on the web ends every paragraph with.
function empty(body) {
  for (const p of all(body, 'p, h1, h2, h3, h4, h5, h6')) {
    let last = p.lastChild
    while (last?.lastChild) last = last.lastChild
    if (last?.nodeType === 3) last.data = last.data.replace(/[\s\u00A0]+$/, '')
  }
  all(body, 'p, h1, h2, h3, h4, h5, h6, div, b, i, strong, em, a').reverse().filter(el => !visible(el.textContent) && !el.querySelector('img, figure, hr, table')).forEach(el => el.remove())
  for (const br of all(body, 'br')) {
    const beside = [br.previousElementSibling, br.nextElementSibling].some(el => el && /^(P|H\d|UL|OL|TABLE|BLOCKQUOTE|FIGURE|PRE|DIV)$/.test(el.nodeName))
    if (beside && !/^(P|LI|TD|TH|H\d|PRE|CODE|SPAN)$/.test(br.parentNode.nodeName)) br.remove()
  }
}

// plain makes paragraphs of a text, parted at its empty lines.
function plain(text) {
  const parts = text.replace(/\r\n?/g, '\n').split(/\n[^\S\n]*\n+/).filter(visible)
  const paragraphs = parts.map(part => {
    const lines = part.replace(/^\n+|\s+$/g, '').split('\n')
    return schema.nodes.paragraph.create(null, lines.flatMap((line, i) => [...(i ? [schema.nodes.br.create()] : []), ...(line ? [schema.text(line)] : [])]))
  })
  return new Slice(Fragment.from(paragraphs), paragraphs.length ? 1 : 0, paragraphs.length ? 1 : 0)
}

// pasting reads what is pasted or dropped. take is given picture files and says whether it takes them; say tells what can't be done.
export function pasting({ take, say }) {
  // What can't fit is refused before it is read, so that a huge document freezes nothing.
  const tooLarge = (view, data) => {
    const text = data.getData('text/plain').length || data.getData('text/html').replace(/<[^>]*>/g, '').length
    return text + view.state.doc.content.size > limit
  }
  const files = data => [...data?.files ?? []].filter(f => /^(?:image|audio)\/|^application\/pdf$/.test(f.type))
  const arrives = (view, event, data) => {
    if (!data) return false
    const pictures = files(data)
    // Word and spreadsheets put a picture of the text beside the text.
    if (pictures.length && !visible(data.getData('text/plain')) && !/<(?:p|td|span)\b/i.test(data.getData('text/html'))) {
      if (!take(view, pictures, event)) return false
    } else if (tooLarge(view, data)) {
      say('too-large')
    } else {
      return false
    }
    event.preventDefault()
    return true
  }
  return new Plugin({
    props: {
      transformPastedHTML: clean,
      clipboardTextParser: text => plain(text),
      handleDOMEvents: {
        paste: (view, event) => arrives(view, event, event.clipboardData),
        drop: (view, event) => !view.dragging && arrives(view, event, event.dataTransfer),
      },
      handlePaste(view, event, slice) {
        const { from, to, empty: caret } = view.state.selection
        const text = event.clipboardData?.getData('text/plain').trim() ?? ''
        if (caret || !/^https?:\/\/\S+$/.test(text) || !mayLink(text) || !view.state.selection.$from.sameParent(view.state.selection.$to)) return false
        view.dispatch(view.state.tr.addMark(from, to, schema.marks.a.create({ href: text })))
        return slice !== null
      },
    },
  })
}
