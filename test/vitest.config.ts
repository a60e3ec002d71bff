import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Tests bring their own app; the modules that they share keep no state. Half the time was loading them.
    isolate: false,
    // One more than the least of cores: many wait for processes, mail servers and browsers.
    maxWorkers: 3,
    include: ['test/**/*.test.ts'],
    // Node runs the sources itself, as in production; vite's own loader would bring a second `graphql`.
    experimental: { viteModuleRunner: false },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
