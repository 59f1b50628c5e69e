import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/generated", "src/contract", "build", "benchmarks", "examples", "*.js", "*.ts"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in texts are meant, and indexing was checked where `!` stands.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowNullish: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      // An empty text is as good as none where `||` stands.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // What is written as text are cells: texts, numbers, truth and dates.
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/only-throw-error": ["error", { allowThrowingAny: true, allowThrowingUnknown: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/node.ts"],
    rules: {
      "no-restricted-globals": ["error", { name: "process", message: "Only src/node.ts may use what Node alone has." }, "Buffer", "require", "__dirname"],
      "no-restricted-imports": ["error", { patterns: [{ group: ["node:*", "fs", "path", "os"], message: "Only src/node.ts may use what Node alone has." }] }],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
    },
  },
);
