import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib', 'labextension', 'node_modules', 'src/api/schema.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [
      ...tseslint.configs.strictTypeChecked,
      ...tseslint.configs.stylisticTypeChecked,
      jsxA11y.flatConfigs.strict,
      reactHooks.configs.flat['recommended-latest']
    ],
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // A number in a template says itself.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // JupyterLab's own style: a private member and its accessor; namespaces beside a class.
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
      // What a run made may be HTML: it goes through JupyterLab's sanitizer or into a sandboxed frame.
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Use React, textContent, or the rendermime of JupyterLab.' },
        { property: 'dangerouslySetInnerHTML', message: 'Use React, or the rendermime of JupyterLab.' }
      ]
    }
  },
  {
    files: ['**/*.spec.{ts,tsx}', '*.mts'],
    rules: { '@typescript-eslint/no-empty-function': 'off' }
  },
  { files: ['style/*.js'], languageOptions: { sourceType: 'module' } },
  prettier
);
