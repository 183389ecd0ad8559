import VSRProgram

Program<SlimVSR>.main()
