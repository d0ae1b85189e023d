// The panel that finds a picture of the newsroom, and the way a new one gets there.
import { schema } from './schema.js'
import { el, json, later } from './dom.js'
import { t } from './words.js'

export const pictureNode = p => schema.nodes.picture.create({ media: String(p.id), alt: p.alt || '', credit: p.credit || '' }, p.caption ? schema.text(p.caption) : null)

export const fileNode = p => schema.nodes.file.create({ media: String(p.id) }, schema.text(p.caption || p.name.replace(/\.[a-z0-9]{2,4}$/i, '') || p.name))

// nodeOf is the node of what was chosen or uploaded, whichever it is.
export const nodeOf = p => p.width ? pictureNode(p) : fileNode(p)

// upload sends a file and tells how far it is, which fetch can't.
function upload(file, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/newsroom/media')
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.addEventListener('progress', e => { if (e.lengthComputable) progress(e.loaded / e.total) })
    request.addEventListener('error', () => fail(new Error(t('upload.lost'))))
    request.addEventListener('load', () => {
      const answer = request.response ?? {}
      if (request.status >= 200 && request.status < 300 && answer.id) done(answer)
      else fail(new Error(Object.values(answer.faults ?? {})[0] || answer.error || t('upload.failed')))
    })
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}

// Uploads shows each file's way below host and hands the picture to put once it is there.
export class Uploads {
  constructor(host, put) {
    this.put = put
    this.list = el('ul', { class: 'uploads', 'aria-live': 'polite' })
    host.append(this.list)
  }

  // take sends files one after another; put is given each picture, or what Uploads was made with.
  async take(files, put = this.put) {
    for (const file of files) {
      const bar = el('progress', { max: '1', value: '0', 'aria-label': file.name })
      const row = el('li', {}, el('span', {}, file.name), bar)
      this.list.append(row)
      try {
        const made = await upload(file, part => { bar.value = part })
        put(made)
        row.remove()
      } catch (e) {
        bar.remove()
        row.classList.add('err')
        row.append(' ', e.message, ' ', el('button', { type: 'button', class: 'plain', onclick: () => row.remove() }, t('close')))
      }
    }
  }
}

// What a panel may list: pictures to be shown, or files to be handed over.
const kinds = {
  pictures: { title: 'picture', query: '', accept: 'image/*' },
  files: { title: 'file', query: '&files=1', accept: 'application/pdf,audio/*' },
}

const face = p => p.src
  ? [el('img', { src: p.src, width: p.width, height: p.height, alt: p.caption ? p.alt : '', loading: 'lazy' }), el('span', { dir: 'auto' }, p.caption || p.alt || p.name)]
  : [el('b', { class: 'plate' }, p.note || ''), el('span', { dir: 'auto' }, p.caption || p.name)]

// openPictures lists pictures in a panel at a place in the text, or at none; pick is given the one chosen. Uploads takes new ones, several
// at once where many is true. Kind is that of the panel: pictures or files.
export function openPictures({ panels, at = null, uploads, pick, many = true, kind = 'pictures' }) {
  const { title, query, accept } = kinds[kind]
  const input = el('input', { type: 'search', 'aria-label': t(`${kind}.find`), placeholder: t(`${kind}.find`), autocomplete: 'off' })
  const file = el('input', { type: 'file', accept, multiple: many, 'aria-label': t('pictures.upload') })
  const told = el('p', { class: 'hint', role: 'status' })
  const grid = el('div', { class: 'pics' })
  const search = later(async () => {
    const q = input.value.trim()
    try {
      const { pictures } = await json(`/newsroom/media/find?q=${encodeURIComponent(q)}${query}`)
      if (input.value.trim() !== q) return
      told.textContent = pictures.length ? '' : t(`${kind}.none`)
      grid.replaceChildren(...pictures.map(p => el('button', { type: 'button', class: 'plain', onclick: () => { panels.close(); pick(p) } }, ...face(p))))
    } catch (e) { told.textContent = e.message }
  }, 150)
  input.addEventListener('input', search)
  file.addEventListener('change', () => { panels.close(); uploads.take([...file.files], pick) })
  panels.show('pictures', t(title), at, el('div', { class: 'ask' }, input, el('label', { class: 'button' }, t('pictures.upload'), file)), told, grid)
  search.now()
  return true
}
