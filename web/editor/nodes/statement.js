// A statement: a quotation with who said it, in what role, where it comes from, when it was asked for and when it came.
import { FieldsView } from './fields.js'
import { el } from '../dom.js'
import { t } from '../words.js'
import { timeText } from '../quotes.js'

export const statementView = language => class extends FieldsView {
  constructor(node, view, getPos) {
    super(node, view, getPos)
    const time = answered => ({
      type: 'datetime-local',
      to: at => at ? timeText(language(), at, answered) : null,
      show: v => v ? v.at.slice(0, 16) : '',
    })
    this.contentDOM = el('div', { class: 'said' })
    this.dom = el('blockquote', { class: 'statement', dir: node.attrs.dir || 'auto' },
      this.contentDOM,
      el('div', { class: 'signed', contenteditable: 'false' },
        this.fields.line('speaker', t('speaker')),
        this.fields.line('role', t('role')),
        this.fields.line('source', t('source')),
        this.fields.line('asked', t('asked'), time(false)),
        this.fields.line('answered', t('answered'), time(true))))
    this.show(node)
  }
}
