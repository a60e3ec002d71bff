/** What the doctor has found: all well, or nothing to look at. What is wrong is thrown, as a CommandError. */
interface Finding {
  mark: '✓' | '–'
  told: string
}

export interface Check {
  name: string
  look: () => Finding | Promise<Finding>
}

/** It is as it should be. */
export const well = (told: string): Finding => ({ mark: '✓', told })

/** There is nothing to look at. */
export const nothing = (told: string): Finding => ({ mark: '–', told })
