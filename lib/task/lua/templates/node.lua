-- Tasks of a Node project, as tables for `uses`.
return {
  install = {description = "Install dependencies", command = "npm ci", retries = 2},
  build = {description = "Build", command = "npm run build"},
  test = {description = "Run tests", command = "npm test"},
  lint = {description = "Lint", command = "npm run lint"},
}
