import VSRProgram

WaitingThreads.shareCores()
Program<SlimVSRLab>.main()
