/**
 * Shows what the API found wrong at the fields that it belongs to: `issues` name the input's fields by their
 * path, and a form's fields name theirs in `data-input`. What belongs to none stands above the buttons.
 */
export function showFaults(form, { message, issues = [] }) {
  const homeless = issues.length > 0 ? [] : [message]
  for (const issue of issues) {
    const field = form.querySelector(`[data-input~="${CSS.escape(issue.path[0] ?? '')}"]`)
    if (field && !field.closest('[hidden]')) showFault(field, issue.message)
    else homeless.push(issue.message)
  }
  form.querySelector('[role=alert]').textContent = homeless.join(' ')
  const first = form.querySelector('[data-faulty]')
  const input = first?.querySelector('input') ?? first
  input?.focus()
}

/** Takes every fault away again. */
export function clearFaults(form) {
  form.querySelector('[role=alert]').textContent = ''
  for (const fault of form.querySelectorAll('.fault')) fault.remove()
  for (const field of form.querySelectorAll('[data-faulty]')) {
    for (const name of ['data-faulty', 'aria-invalid', 'aria-describedby']) field.removeAttribute(name)
  }
}

function showFault(field, message) {
  const id = `${field.id}-fault`
  const existing = document.getElementById(id)
  if (existing) {
    existing.textContent += ` ${message}`
    return
  }
  const fault = Object.assign(document.createElement('span'), {
    id,
    className: 'error fault',
    textContent: message,
  })
  field.closest('.field').append(fault)
  field.dataset.faulty = ''
  // A group has no value that could be invalid.
  if (field.localName !== 'fieldset') field.setAttribute('aria-invalid', 'true')
  field.setAttribute('aria-describedby', id)
}
