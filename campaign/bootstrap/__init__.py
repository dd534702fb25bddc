"""Composition root: the only place that knows every concrete class. Launch = plan, dispatch, report."""
