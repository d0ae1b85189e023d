// The menu that "/" opens on an empty line: what is typed after it narrows it down.
import { Plugin } from 'prosemirror-state'
import { el } from './dom.js'
import { t } from './words.js'

// asked is what stands after the slash, or null where no menu is wanted.
function asked(state) {
  const { $from, empty } = state.selection
  if (!empty || $from.depth !== 1 || $from.parent.type.name !== 'paragraph' || $from.parentOffset !== $from.parent.content.size) return null
  const text = $from.parent.textContent
  return /^\/[^/]{0,24}$/.test(text) ? text.slice(1).toLowerCase() : null
}

export function slashMenu(acts, host) {
  const list = el('ul', { class: 'panel slash', role: 'listbox', id: 'slash', 'aria-label': t('insert'), hidden: true })
  let open = false
  let shut = null // the query that Escape closed the menu at
  let found = []
  let at = 0
  const run = (view, act) => {
    const { $from } = view.state.selection
    view.dispatch(view.state.tr.delete($from.start(), $from.end()))
    act.run(view)
  }
  const draw = view => {
    list.replaceChildren(...found.map((act, i) => el('li', {
      role: 'option', id: `slash-${act.name}`, 'aria-selected': String(i === at),
      onmousedown: e => { e.preventDefault(); run(view, act) },
    }, el('span', {}, t(act.name)), act.sign ? el('kbd', {}, act.sign) : null)))
    view.dom.setAttribute('aria-activedescendant', `slash-${found[at].name}`)
    list.children[at].scrollIntoView({ block: 'nearest' })
  }
  const close = view => { if (open) { open = false; list.hidden = true; view.dom.removeAttribute('aria-activedescendant'); view.dom.removeAttribute('aria-owns') } }
  return new Plugin({
    view: view => {
      host.append(list)
      return {
        update(_, old) {
          if (old && old.doc === view.state.doc && old.selection.eq(view.state.selection)) return
          const query = view.hasFocus() ? asked(view.state) : null
          if (query === null) { shut = null; return close(view) }
          if (query === shut) return
          found = acts.filter(act => t(act.name).toLowerCase().split(/\s+/).some(word => word.startsWith(query)) || t(act.name).toLowerCase().startsWith(query) || act.name.startsWith(query))
          if (!found.length) return close(view)
          at = 0
          open = true
          list.hidden = false
          view.dom.setAttribute('aria-owns', 'slash')
          const text = view.coordsAtPos(view.state.selection.from)
          const box = host.getBoundingClientRect()
          list.style.top = `${text.bottom - box.top + 6}px`
          list.style.left = `${Math.max(0, Math.min(text.left - box.left, box.width - list.offsetWidth))}px`
          draw(view)
        },
        destroy: () => list.remove(),
      }
    },
    props: {
      handleKeyDown(view, e) {
        if (!open || e.isComposing) return false
        if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { at = (at + (e.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length; draw(view) } else if ((e.key === 'Enter' || e.key === 'Tab') && !e.ctrlKey && !e.metaKey) run(view, found[at])
        else if (e.key === 'Escape') { shut = asked(view.state); close(view) } else return false
        return true
      },
      handleDOMEvents: { blur: view => { close(view); return false } },
    },
  })
}
