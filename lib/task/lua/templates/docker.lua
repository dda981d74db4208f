-- Container images, as tables for `uses`. Parameters: image, and for build also context.
return {
  build = {
    description = "Build a container image",
    params = {context = "."},
    command = "docker build --tag ${params.image} ${params.context}",
    timeout = "30m",
  },
  push = {description = "Push a container image", command = "docker push ${params.image}", retries = 2},
}
