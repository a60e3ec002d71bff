import { CommandError } from './command.ts'

type Tell = (line: string) => void

/** Runs steps one after another, numbered; a step that fails is named. */
export function stepper(print: Tell) {
  let number = 0
  return async <Result>(title: string, work: (tell: Tell) => Promise<Result>): Promise<Result> => {
    number++
    print(`${String(number).padStart(2)}. ${title}`)
    try {
      return await work((line) => print(`    ${line}`))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CommandError(`Step ${number}, "${title}", failed: ${reason}`)
    }
  }
}
