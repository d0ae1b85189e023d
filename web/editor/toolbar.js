// The bar above the sheet: one stop for the Tab key, arrows within.
import { el } from './dom.js'
import { t } from './words.js'
import { schema } from './schema.js'
import { bold, italic, has, within, kind } from './commands.js'
import { addColumn, addRow, deleteColumn, deleteRow, deleteTable, headerRow, inTable } from './tables.js'

const { nodes, marks } = schema
const kinds = { text: ['paragraph'], heading2: ['heading', { level: 2 }], heading3: ['heading', { level: 3 }], heading4: ['heading', { level: 4 }], code: ['code'] }

function kindAt(state) {
  const { parent } = state.selection.$from
  if (parent.type === nodes.heading) return `heading${parent.attrs.level}`
  return parent.type === nodes.code ? 'code' : parent.type === nodes.paragraph ? 'text' : ''
}

export function toolbar(view, acts, controls) {
  const command = run => () => { run(view.state, view.dispatch, view); view.focus() }
  const button = (name, onclick, content = t(name), more = {}) => el('button', { type: 'button', name: `tool-${name}`, onmousedown: e => e.preventDefault(), onclick, ...more }, content)
  const select = el('select', { 'aria-label': t('kind') }, ...Object.keys(kinds).map(name => el('option', { value: name }, t(name))))
  select.addEventListener('change', () => {
    const [name, attrs] = kinds[select.value]
    command(kind(name, attrs))()
  })
  const strong = button('bold', command(bold), el('b', {}, t('bold')), { 'aria-pressed': 'false' })
  const em = button('italic', command(italic), el('i', {}, t('italic')), { 'aria-pressed': 'false' })
  const bar = el('div', { class: 'tools', role: 'toolbar', 'aria-label': t('write'), 'aria-controls': controls }, select, strong, em)
  const pressed = []
  for (const act of acts) {
    if (!act.tool) continue
    if (act.part) bar.append(el('span', { role: 'separator' }))
    const b = button(act.name, () => act.run(view), t(act.name), act.on ? { 'aria-pressed': 'false' } : {})
    if (act.on) pressed.push([b, act.on])
    bar.append(b)
  }
  const table = el('span', { class: 'for-table', role: 'group', 'aria-label': t('table'), hidden: true },
    ...[['row.add', addRow], ['row.delete', deleteRow], ['column.add', addColumn], ['column.delete', deleteColumn], ['row.head', headerRow], ['table.delete', deleteTable]].map(([name, run]) => button(name, command(run))))
  bar.append(table)

  const stops = () => [...bar.querySelectorAll('select, button')].filter(b => !b.closest('[hidden]'))
  bar.addEventListener('keydown', e => {
    const all = stops()
    const at = all.indexOf(document.activeElement)
    const rtl = getComputedStyle(bar).direction === 'rtl' ? -1 : 1
    const to = { ArrowRight: at + rtl, ArrowLeft: at - rtl, Home: 0, End: all.length - 1 }[e.key]
    if (e.key === 'Escape') return view.focus()
    if (to === undefined || e.target === select && !/^Arrow(Left|Right)$|^Home$|^End$/.test(e.key)) return
    e.preventDefault()
    all[(to + all.length) % all.length].focus()
  })
  const rove = now => stops().forEach(b => { b.tabIndex = b === now ? 0 : -1 })
  bar.addEventListener('focusin', e => rove(e.target))
  rove(select)

  const press = (b, on) => { if (b.getAttribute('aria-pressed') !== String(on)) b.setAttribute('aria-pressed', String(on)) }
  const update = () => {
    const state = view.state
    press(strong, has(state, marks.strong))
    press(em, has(state, marks.em))
    for (const [b, types] of pressed) press(b, types[0] === 'a' ? has(state, marks.a) : !!within(state, ...types.map(n => nodes[n])))
    const value = kindAt(state)
    if (value && select.value !== value) select.value = value
    select.disabled = !value
    if (table.hidden !== !inTable(state)) table.hidden = !inTable(state)
  }
  return { bar, update }
}
