import tseslint from 'typescript-eslint';

const pure = {
  patterns: [
    { group: ['node:*', 'execa', 'ssh2', 'zx', '**/host/*'], message: 'model/ and judge/ are pure: pass the values in.' },
  ],
};

export default tseslint.config(
  { ignores: ['node_modules/', '.tap/', 'results/', 'eslint.config.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
      'max-lines': ['error', 400],
    },
  },
  // tap itself waits for the tests it is given.
  {
    files: ['tests/harness/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/require-await': 'off' },
  },
  { files: ['harness/model/**', 'harness/judge/**'], rules: { 'no-restricted-imports': ['error', pure] } },
);
