"""ROI, ROAS and CPL, the funnel, and what was restated."""
