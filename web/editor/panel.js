// A small panel at the text: for a link, pictures, a card, finding. One is open at a time; Escape closes it and goes back to the text.
import { el } from './dom.js'
import { t } from './words.js'

export class Panels {
  constructor(view, host) {
    this.view = view
    this.host = host
    this.open = null
  }

  // show opens a panel with the given content; at is a place in the text that it stands under, or null for the top of the sheet.
  show(name, label, at, ...content) {
    this.close(false)
    const shut = el('button', { type: 'button', class: 'plain shut', 'aria-label': t('close'), onclick: () => this.close() }, '×')
    const panel = el('div', { class: `panel ${name}`, role: 'dialog', 'aria-label': label }, ...content, shut)
    panel.addEventListener('keydown', e => {
      if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); this.close() }
      if (e.key === 'Enter' && e.target.nodeName === 'INPUT' && !e.ctrlKey && !e.metaKey) e.preventDefault() // it would send the form around the sheet
    })
    this.host.append(panel)
    this.open = panel
    if (at !== null) this.place(panel, at)
    panel.querySelector('input, button')?.focus({ preventScroll: true })
    panel.scrollIntoView({ block: 'nearest' })
    return panel
  }

  place(panel, at) {
    const text = this.view.coordsAtPos(at)
    const host = this.host.getBoundingClientRect()
    panel.style.top = `${text.bottom - host.top + 6}px`
    const left = Math.min(Math.max(0, text.left - host.left), Math.max(0, host.width - panel.offsetWidth))
    panel.style.left = `${left}px`
  }

  close(back = true) {
    if (!this.open) return false
    this.open.remove()
    this.open = null
    this.onclose?.()
    this.onclose = null
    if (back) this.view.focus()
    return true
  }
}

// choices is a list to choose from with arrows and Enter while the field keeps the focus. fill(list) replaces what it offers.
export function choices(input, label, pick) {
  const list = el('ul', { role: 'listbox', 'aria-label': label, id: `choices-${Math.random().toString(36).slice(2)}` })
  let items = []
  let at = -1
  const go = to => {
    at = items.length ? (to + items.length) % items.length : -1
    items.forEach(({ node }, i) => node.setAttribute('aria-selected', String(i === at)))
    if (at >= 0) { input.setAttribute('aria-activedescendant', items[at].node.id); items[at].node.scrollIntoView({ block: 'nearest' }) } else input.removeAttribute('aria-activedescendant')
  }
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-expanded', 'true')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-controls', list.id)
  input.addEventListener('keydown', e => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); go(at + (e.key === 'ArrowDown' ? 1 : -1)) } else if (e.key === 'Enter' && !e.isComposing) { e.preventDefault(); if (!e.ctrlKey && !e.metaKey) pick(items[at]?.value ?? null) }
  })
  return {
    list,
    fill(values, draw, first = -1) {
      items = values.map((value, i) => {
        const node = el('li', { role: 'option', id: `${list.id}-${i}`, 'aria-selected': 'false', onmousedown: e => e.preventDefault(), onclick: () => pick(value) }, ...draw(value))
        return { value, node }
      })
      list.replaceChildren(...items.map(i => i.node))
      list.hidden = !items.length
      go(items.length && first >= 0 ? first : -1)
    },
  }
}
