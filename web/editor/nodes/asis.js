// What the document can't hold as text of its own: it stands as it is, can be moved, copied and deleted.
import { FieldsView } from './fields.js'
import { el } from '../dom.js'
import { inert } from '../html.js'
import { t } from '../words.js'

function kindOf(source) {
  if (!source) return 'asis'
  if (source.classList.contains('missing')) return 'asis.missing'
  if (source.classList.contains('embed')) return 'asis.card'
  if (source.classList.contains('file')) return 'asis.file'
  return 'asis'
}

export class AsIsView extends FieldsView {
  constructor(node, view, getPos) {
    super(node, view, getPos)
    this.dom = el('div', { class: 'asis', contenteditable: 'false' })
    this.show(node)
  }

  show(node) {
    const source = inert(node.attrs.html).firstElementChild
    const pictures = [...source?.querySelectorAll('img[data-media]') ?? []].slice(0, 4)
      .map(img => el('img', { src: `/newsroom/media/${encodeURIComponent(img.getAttribute('data-media'))}/thumb`, alt: img.getAttribute('alt') || '' }))
    const words = [...source?.querySelectorAll('strong, b, span, p, figcaption, li, td, th, pre') ?? []].filter(e => !e.querySelector('strong, b, span, p, li, td, th'))
    const lines = (words.length ? words : [source ?? { textContent: node.attrs.html }]).map(e => e.textContent.replace(/\s+/g, ' ').trim()).filter(Boolean)
    this.dom.replaceChildren(el('span', { class: 'label' }, t(kindOf(source))), ...pictures, ...lines.slice(0, 12).map(line => el('p', { dir: 'auto' }, line)))
  }
}
