// Fields that belong to a node: what is typed into them goes into the node's attributes.
import { el } from '../dom.js'

let last = 0

// Fields keeps a node view's inputs in step with its node. set is called with the attribute and its new value.
export class Fields {
  constructor(view, getPos) {
    this.view = view
    this.getPos = getPos
    this.inputs = new Map()
  }

  line(name, label, attrs = {}) {
    const id = `field-${++last}`
    const input = el(attrs.rows ? 'textarea' : 'input', { id, autocomplete: 'off', dir: attrs.type ? null : 'auto', ...attrs })
    input.addEventListener('input', () => this.put(name, attrs.to ? attrs.to(input.value) : input.value))
    input.addEventListener('keydown', e => {
      if (e.key === 'Enter' && !e.isComposing && !e.ctrlKey && !e.metaKey) { e.preventDefault(); this.next(name) }
      if (e.key === 'Escape') { e.preventDefault(); this.view.focus() }
    })
    this.inputs.set(name, { input, show: attrs.show ?? (v => v ?? '') })
    return el('div', { class: 'line', contenteditable: 'false' }, el('label', { for: id }, label), input)
  }

  pick(name, label, options) {
    const id = `field-${++last}`
    const select = el('select', { id }, ...options.map(([value, text]) => el('option', { value }, text)))
    select.addEventListener('change', () => this.put(name, select.value || null))
    this.inputs.set(name, { input: select, show: v => v ?? '' })
    return el('div', { class: 'line', contenteditable: 'false' }, el('label', { for: id }, label), select)
  }

  // next goes to the field after one, or from the last into the text. Enter would send the form around the sheet.
  next(name) {
    const names = [...this.inputs.keys()]
    const to = this.inputs.get(names[names.indexOf(name) + 1])
    if (to) to.input.focus()
    else this.view.focus()
  }

  put(name, value) { this.view.dispatch(this.view.state.tr.setNodeAttribute(this.getPos(), name, value)) }

  show(node) {
    for (const [name, { input, show }] of this.inputs) {
      const value = show(node.attrs[name])
      if (input.value !== value) input.value = value
    }
  }

  owns(target) { return [...this.inputs.values()].some(({ input }) => input === target) || target.closest?.('.line, .facts, button') }
}

// FieldsView is a node view with fields and, unless it is an atom, a place to write in.
export class FieldsView {
  constructor(node, view, getPos) {
    this.node = node
    this.fields = new Fields(view, getPos)
  }

  update(node) {
    if (node.type !== this.node.type) return false
    this.node = node
    this.show(node)
    return true
  }

  show(node) { this.fields.show(node) }
  stopEvent(event) { return event.target !== this.contentDOM && !this.contentDOM?.contains(event.target) && !!this.fields.owns(event.target) }
  ignoreMutation(mutation) { return mutation.type !== 'selection' && !this.contentDOM?.contains(mutation.target) }
  selectNode() { this.dom.classList.add('chosen') }
  deselectNode() { this.dom.classList.remove('chosen') }
}
