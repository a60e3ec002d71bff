import { busyWith, element, fill, isolated } from './elements.js'
import { clearFaults, showFaults } from './faults.js'
import { showLink } from './link.js'

const INTEGRATIONS = `query Integrations {
  organization {
    integrations(first: 100) { edges { node { id name } } }
  }
}`

const PORTALS = `query Portals($id: ID!) {
  node(id: $id) { ... on Integration { portals(first: 100) { edges { node { id name } } } } }
}`

const CREATE = `mutation Create($input: CreateInviteInput!) {
  createInvite(input: $input) {
    __typename
    ... on CreateInvitePayload {
      inviteUrl
      qrCode
      invite { name }
    }
    ... on UserError { message }
    ... on InvalidInputError { issues { path message } }
  }
}`

const dialog = element('create')
const form = element('create-form')

form.querySelector('[data-close]').addEventListener('click', () => dialog.close())
element('closes').addEventListener('input', ({ target }) => {
  element('closing-date').hidden = target.value !== ''
})

/** The dialog that makes access invites, to be opened with `open`. */
export function createDialog(api, { changed }) {
  // Names what is to be made. Sent again after an answer was lost, the same key makes nothing a second time;
  // another input is another thing, and needs another key.
  let idempotencyKey = ''
  const renewKey = () => {
    idempotencyKey = randomText()
  }

  form.oninput = renewKey
  form.onsubmit = (event) => {
    event.preventDefault()
    busyWith(form, create)
  }
  element('integration').onchange = () => showPortals(api).catch((error) => showFaults(form, error))

  async function create() {
    clearFaults(form)
    // The server would take what is left out for its default.
    if (lacksDate())
      return showFaults(form, { issues: [{ path: ['validTo'], message: 'Choose when it closes.' }] })
    try {
      const { createInvite } = await api.run(CREATE, { input: { ...readInput(), idempotencyKey } })
      if (createInvite.__typename !== 'CreateInvitePayload') return showFaults(form, createInvite)
      dialog.close()
      changed()
      showLink({ title: createInvite.invite.name ?? 'this invite', ...createInvite })
    } catch (error) {
      showFaults(form, error)
    }
  }

  return {
    async open() {
      form.reset()
      clearFaults(form)
      renewKey()
      element('closing-date').hidden = true
      dialog.showModal()
      try {
        const { organization } = await api.run(INTEGRATIONS)
        showIntegrations(organization.integrations.edges)
        await showPortals(api)
      } catch (error) {
        showFaults(form, error)
      }
    },
  }
}

function showIntegrations(edges) {
  element('integration').replaceChildren(...edges.map(({ node }) => new Option(node.name, node.id)))
}

async function showPortals(api) {
  const id = element('integration').value
  element('portal-choices').replaceChildren()
  if (!id) return fill(element('portal-choices'), 'span', ['There is no integration yet.'])
  const { node } = await api.run(PORTALS, { id })
  // Another integration may have been chosen while this one's portals were on their way.
  if (element('integration').value !== id) return
  element('portal-choices').replaceChildren(...node.portals.edges.map(portalChoice))
}

function portalChoice({ node: { id, name } }) {
  const label = document.createElement('label')
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', value: id })
  label.className = 'choice'
  label.append(box, isolated(name))
  return label
}

const lacksDate = () => element('closes').value === '' && element('closes-at').value === ''

/** What the form says. Whether it is right is for the server to judge: it tells every fault at once. */
function readInput() {
  const { value: expiresIn } = element('closes')
  return {
    integrationId: element('integration').value,
    portalIds: [...element('portal-choices').querySelectorAll(':checked')].map(({ value }) => value),
    name: element('name').value || undefined,
    validFrom: instant(element('opens')),
    expiresIn: expiresIn || undefined,
    validTo: expiresIn ? undefined : instant(element('closes-at')),
    maxUses: element('max-uses').value ? element('max-uses').valueAsNumber : undefined,
  }
}

/** What was chosen in the clock of the one who chooses, as an instant. */
const instant = ({ value }) => (value ? new Date(value).toISOString() : undefined)

/** Beyond guessing. `crypto.randomUUID` would only be there over HTTPS. */
const randomText = () =>
  crypto
    .getRandomValues(new Uint8Array(16))
    .reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')
