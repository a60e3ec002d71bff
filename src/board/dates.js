const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** The API's instants are in UTC; people read them in their own time zone. */
export const dateTime = (instant) => format.format(new Date(instant))

/** The same, for what is of today. */
export const timeOfDay = (instant) => clock.format(new Date(instant))
