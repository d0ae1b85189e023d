// Small helpers to build the editor's own controls.
export function el(name, attrs = {}, ...children) {
  const out = document.createElement(name)
  for (const [key, value] of Object.entries(attrs)) {
    if (key.startsWith('on')) out.addEventListener(key.slice(2), value)
    else if (value === true) out.setAttribute(key, '')
    else if (value !== false && value !== null && value !== undefined) out.setAttribute(key, value)
  }
  out.append(...children.filter(c => c !== null && c !== undefined))
  return out
}

// getJSON asks the newsroom; what it answers instead of what was asked for is thrown as its words.
export async function json(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { Accept: 'application/json', ...options.headers } })
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) throw Object.assign(new Error(Object.values(body.faults ?? {})[0] || body.error || String(answer.status)), { status: answer.status })
  return body
}

// later runs act once nothing has asked for it for a while.
export function later(act, ms) {
  let timer = 0
  const run = () => { timer = 0; act() }
  const ask = () => { clearTimeout(timer); timer = setTimeout(run, ms) }
  ask.now = () => { clearTimeout(timer); timer = 0; act() }
  return ask
}
