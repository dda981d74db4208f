-- Work with a git repository, as tables for `uses`. Parameters: url and folder for clone, tag for tag.
return {
  clone = {description = "Clone a repository", command = "git clone --depth 1 ${params.url} ${params.folder}", retries = 2},
  clean = {description = "Refuse to go on with uncommitted changes", command = 'test -z "$(git status --porcelain)"'},
  tag = {description = "Tag and push", command = "git tag ${params.tag} && git push origin ${params.tag}"},
}
