// The way in: `node src/main.ts [command]`. Nothing native is imported before the runtime is known to carry it.

const MINIMUM_NODE = 24

const commands = {
  serve: async () => (await import('./cli/serve.ts')).serve,
  demo: async () => (await import('./cli/demo.ts')).demo,
  key: async () => (await import('./cli/key.ts')).key,
  migrate: async () => (await import('./cli/migrate.ts')).migrateDatabase,
  schema: async () => (await import('./cli/schema.ts')).writeSchema,
  seed: async () => (await import('./cli/seed.ts')).seedDatabase,
}

/** Asks what is wrong with the environment too, so it reads it itself. */
const DOCTOR = 'doctor'

// By the convention of sysexits.h.
const EX_USAGE = 64
const EX_CONFIG = 78

async function main([command = 'serve', ...args]: string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
    process.stderr.write(
      `Latchkey needs Node ${MINIMUM_NODE} or newer; this is ${process.versions.node}. On Linux npm brings one along: npm start\n`,
    )
    return EX_CONFIG
  }
  const { EnvError, readEnv } = await import('./env.ts')
  try {
    if (command === DOCTOR) {
      return await (await import('./cli/doctor.ts')).doctor(() => readEnv(process.env), args)
    }
    if (!Object.hasOwn(commands, command)) {
      const known = [...Object.keys(commands), DOCTOR]
      process.stderr.write(`There is no command ${command}. There are: ${known.join(', ')}.\n`)
      return EX_USAGE
    }
    const run = await commands[command as keyof typeof commands]()
    return await run(readEnv(process.env), args)
  } catch (error) {
    const { CommandError } = await import('./cli/command.ts')
    const told = error instanceof EnvError || error instanceof CommandError
    process.stderr.write(`${told ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
    return error instanceof EnvError ? EX_CONFIG : 1
  }
}

process.exitCode = await main(process.argv.slice(2))
