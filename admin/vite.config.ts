import unocss from 'unocss/vite'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

const here = import.meta.dirname

/**
 * Builds to admin/dist, which the control process serves. Nothing is inlined: its pages allow neither inline scripts
 * nor styles.
 */
export default defineConfig({
  root: here,
  plugins: [unocss({ configFile: `${here}/uno.config.ts` }), solid()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/trpc': 'http://127.0.0.1:8081' } },
})
