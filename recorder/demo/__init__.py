"""A believable experiment, recorded by the recorder itself: what people see first, and what tests can rely on."""
