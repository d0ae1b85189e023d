// The lead picture is found and uploaded as pictures in the text are. The field with its number stays what is sent.
import { el } from './dom.js'
import { Panels } from './panel.js'
import { openPictures, Uploads } from './pictures.js'
import { t } from './words.js'

// The fields of the words that come with a picture.
const worded = ['caption', 'credit', 'alt']

export function leadPicture(section) {
  const field = section.querySelector('[name=image]')
  const words = name => section.querySelector(`[name=image_${name}]`)
  if (!field || field.matches(':disabled')) return
  let shown = field.value // the number of the picture that can be seen
  const written = new Map() // the words under each picture that stood here
  const thumb = () => section.querySelector('.thumb')

  // draw shows the picture that the field names, or leads to it by number where nothing else is known of it.
  const draw = (p = null) => {
    if (field.value === shown) return
    shown = field.value
    thumb()?.remove()
    away.hidden = !shown
    if (!shown) return
    const link = el('a', { class: 'thumb', href: `/newsroom/media/${shown}` })
    link.append(p ? el('img', { src: p.src, width: p.width, height: p.height, alt: p.alt }) : t('lead.number', shown))
    bar.before(link)
  }

  // choose gives the field another picture, with its words. What was written under the one before comes back with that one; what was written
  // before there was any stays.
  const choose = p => {
    const id = p ? String(p.id) : ''
    if (id === field.value) return
    if (field.value) written.set(field.value, Object.fromEntries(worded.map(name => [name, words(name)?.value])))
    for (const name of worded) {
      const input = words(name)
      if (input && (field.value || !input.value)) input.value = (written.get(id) ?? p)?.[name] ?? ''
    }
    field.value = id
    draw(p)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }

  const ask = el('button', { type: 'button', onclick: () => openPictures({ panels, uploads, pick: choose, many: false }) }, t('lead.choose'))
  const away = el('button', { type: 'button', class: 'plain', hidden: !shown, onclick: () => { choose(null); ask.focus() } }, t('lead.away'))
  const bar = el('p', { class: 'ways' }, ask, away)
  const shelf = el('div', { class: 'shelf' }, bar)
  const place = field.closest('.field')
  place.classList.add('numbered')
  place.before(shelf)
  const panels = new Panels(ask, shelf)
  const uploads = new Uploads(shelf, choose)
  section.querySelector('.links')?.remove()
  for (const event of ['input', 'stet:saved', 'stet:filled']) section.closest('form').addEventListener(event, () => draw())
}
