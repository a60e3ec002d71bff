import type { LocalizedText as LocalizedTextShape } from '#domain/locales.ts'
import { builder } from './builder.ts'

export const LocalizedText = builder.objectRef<LocalizedTextShape>('LocalizedText').implement({
  description: 'A text in one language.',
  fields: (t) => ({
    locale: t.expose('locale', { type: 'Locale', description: 'The language.' }),
    text: t.exposeString('text', { description: 'The text, as it was given: escape it where it is shown.' }),
  }),
})

export const LocalizedTextInput = builder.inputType('LocalizedTextInput', {
  description: 'A text in one language.',
  fields: (t) => ({
    locale: t.field({ type: 'Locale', required: true, description: 'The language; each once.' }),
    text: t.string({ required: true, description: '1 to 2000 characters.' }),
  }),
})
