// A picture with its caption, credit, description and size.
import { FieldsView } from './fields.js'
import { el } from '../dom.js'
import { t } from '../words.js'

export class PictureView extends FieldsView {
  constructor(node, view, getPos) {
    super(node, view, getPos)
    this.img = el('img', { contenteditable: 'false', alt: '', draggable: 'false' })
    this.img.addEventListener('error', () => { this.dom.classList.add('unseen') })
    this.contentDOM = el('figcaption', { dir: 'auto' })
    this.dom = el('figure', { class: 'picture' },
      this.img,
      el('div', { class: 'line' }, el('span', { class: 'label', contenteditable: 'false' }, t('caption')), this.contentDOM),
      this.fields.line('credit', t('credit')),
      this.fields.line('alt', t('alt')),
      this.fields.pick('size', t('size'), [['', t('size.normal')], ['wide', t('size.wide')], ['small', t('size.small')]]))
    this.show(node)
  }

  show(node) {
    super.show(node)
    const src = node.attrs.media ? `/newsroom/media/${node.attrs.media}/thumb` : ''
    if (this.img.getAttribute('src') !== src) this.img.src = src
    this.img.alt = node.attrs.alt
    this.dom.classList.toggle('wide', node.attrs.size === 'wide')
    this.dom.classList.toggle('small', node.attrs.size === 'small')
  }
}
