"""API Gateway and Lambda on this machine: streams what will stream, buffers what will buffer, fails as AWS fails."""
