"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# The same examples in each run: a failure that comes and goes helps nobody.
# `--hypothesis-profile=search` looks further.
settings.register_profile(
    "samstream",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile("search", settings.get_profile("samstream"), derandomize=False, max_examples=3000)
settings.load_profile("samstream")
