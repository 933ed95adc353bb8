"""`samstream openapi`: an app's OpenAPI document as a definition that API Gateway imports."""
