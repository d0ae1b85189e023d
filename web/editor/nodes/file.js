// A file that is handed over, with its title.
import { FieldsView } from './fields.js'
import { el } from '../dom.js'
import { t } from '../words.js'

export class FileView extends FieldsView {
  constructor(node, view, getPos) {
    super(node, view, getPos)
    this.contentDOM = el('p', { dir: 'auto' })
    this.dom = el('div', { class: 'handed' }, el('span', { class: 'label', contenteditable: 'false' }, t('file')), this.contentDOM)
  }
}
